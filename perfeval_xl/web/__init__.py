"""The screens in a browser: what they call, as JSON. The page runs it in the browser itself; a server would call the same."""
