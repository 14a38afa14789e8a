"""The one-time page as HTML: without scripts, external resources, or the entered value."""

import base64
import hashlib
from html import escape

from bot.domain.one_time_secrets import MAX_VALUE_LENGTH, OneTimeSecret

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --paper: #fff; --edge: #c9d1db; --ground: #f3f5f8;
  --deed: #1f5fa8; --wrong: #a3261b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --soft: #9aa7b6; --paper: #1b222c; --edge: #3b4756;
  --ground: #12171e; --deed: #6aa9ee; --wrong: #ff8f85; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 34rem; padding: 1.75rem; background: var(--paper); border: 1px solid var(--edge);
  border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
.soft, small { color: var(--soft); font-size: .875rem; }
.wrong { color: var(--wrong); font-weight: 600; }
label { display: block; margin: 1rem 0 .35rem; font-weight: 600; overflow-wrap: anywhere; }
textarea { width: 100%; min-height: 6.5rem; padding: .6rem .7rem; color: inherit; background: transparent;
  border: 1px solid var(--edge); border-radius: 8px; font: .9375rem/1.5 ui-monospace, monospace; resize: vertical;
  -webkit-text-security: disc; }
form:has(#show:checked) textarea { -webkit-text-security: none; }
.row { display: flex; gap: .5rem; align-items: center; margin: .6rem 0 1.25rem; }
.row label { margin: 0; font-weight: 400; }
button { padding: .6rem 1.1rem; border: 0; border-radius: 8px; background: var(--deed); color: var(--paper);
  font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px; }
"""

#: The Content-Security-Policy of every page: allows its own style and form alone.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def render_entry_page(secret: OneTimeSecret, nonce: str, problem: str = "") -> str:
    """Return the page that asks for the value of `secret`. The form sends `nonce` back; `problem` is shown on top."""
    label, about = escape(secret.label), escape(secret.about)
    problem_html = f'<p class="wrong" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    aria = 'aria-invalid="true" aria-describedby="problem what"' if problem else 'aria-describedby="what"'
    return _page(
        f"{secret.label} for Warehouse Bot",
        f"""<h1>{label} for {about}</h1>
<p id="what">It goes to Segment with the request that you are making in Slack, and nowhere else. Until then it is kept
encrypted; when the request ends, however it ends, it is erased.</p>
{problem_html}
<form method="post" autocomplete="off">
<input type="hidden" name="nonce" value="{escape(nonce)}">
<label for="value">{label}</label>
<textarea id="value" name="value" required autofocus rows="4" maxlength="{MAX_VALUE_LENGTH}" spellcheck="false"
 autocapitalize="off" autocomplete="off" autocorrect="off" {aria}></textarea>
<div class="row"><input type="checkbox" id="show"><label for="show">Show what I enter</label></div>
<button type="submit">Hand it over</button>
</form>
<p class="soft">This page works once. It is for you alone: whoever has its address could enter something in your place,
and nobody can read here what you enter.</p>""",
    )


def render_received_page() -> str:
    """Return the page that confirms a received value."""
    return _page(
        "Received",
        """<h1>✅ Received</h1>
<p>Go back to Slack and submit the form. You can close this page.</p>
<p class="soft">If the form is not submitted within an hour, what you entered is erased.</p>""",
    )


def render_error_page(title: str, says: str) -> str:
    """Return a page that says what went wrong, in plain text."""
    return _page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(says)}</p>")


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
