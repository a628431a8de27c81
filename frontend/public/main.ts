// Pages without an island of their own: sign-in, public pages. They need the look only.
import '../shared/ui/index.css';
