"""HTTP for browsers: the one-time page on which a person enters a secret, and the HTTP server."""
