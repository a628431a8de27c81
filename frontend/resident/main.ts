// The resident's app starts here.
import '../shared/ui/index.css';
