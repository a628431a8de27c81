// Staff pages: the look, and the islands that a page asks for.
import '../shared/ui/index.css';
