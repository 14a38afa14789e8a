"""Slack's markup on the page of the local workspace (docs.slack.dev, messaging/formatting-message-text)."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from tests.support.chromium import Window, chromium
from tests.support.local_workspace import Workspace

CASES = {
    "*bold* _slanted_ ~struck~ `code`": "<strong>bold</strong> <em>slanted</em> <s>struck</s> <code>code</code>",
    "*_both_*": "<strong><em>both</em></strong>",
    "2*3*4 and snake_case_name": "2*3*4 and snake_case_name",
    "* not bold *": "* not bold *",
    "`*as it is*`": "<code>*as it is*</code>",
    "```\na  *b*\nc\n```": "<pre>a  *b*\nc</pre>",
    "&gt; quoted\n&gt; twice\nafter": "<blockquote>quoted<br>twice</blockquote>after",
    "one\ntwo": "one<br>two",
    "• a\n• b": '<span class="bullet">• a</span><span class="bullet">• b</span>',
    "<@U0ALICE> and <@U0BOB>": '<span class="mention own">@alice</span> and <span class="mention">@bob</span>',
    "<!subteam^S0DATA> <!here> <#C0OPS>": (
        '<span class="mention">@data-oncall</span> <span class="mention">@here</span>'
        ' <span class="mention">#data-ops</span>'
    ),
    "<https://example.com/?a=1&amp;b=2|there>": (
        '<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">there</a>'
    ),
    "<javascript:alert(1)|there>": "&lt;javascript:alert(1)|there&gt;",
    "&lt;b&gt; &amp;amp; <b>": "&lt;b&gt; &amp;amp; &lt;b&gt;",
    ":warning: :white_check_mark: :no_such_face: 12:30:45": "⚠️ ✅ :no_such_face: 12:30:45",
    "<!date^0^{date_num}|long ago>": (
        '<time title="long ago" datetime="1970-01-01T00:00:00.000Z">1970-01-01</time>'
    ),
}  # fmt: skip

DRAW = """async (text) => {
  const { mrkdwn } = await import("/static/mrkdwn.js");
  const holder = document.createElement("div");
  holder.append(mrkdwn(text, { viewer: "U0ALICE" }));
  return holder.innerHTML;
}"""


@pytest.fixture
async def page(workspace: Workspace) -> AsyncIterator[Page]:
    async with chromium() as browser:
        window = Window(await browser.new_page(timezone_id="UTC"))
        await window.page.goto(f"{workspace.url}/#user=U0ALICE&channel=C0OPS")
        await window.page.get_by_test_id("channel-C0OPS").wait_for()
        yield window.page
        assert window.complaints == []


async def test_markup_is_shown_as_slack_shows_it(page: Page) -> None:
    drawn = {text: await page.evaluate(DRAW, text) for text in CASES}
    assert drawn == CASES
