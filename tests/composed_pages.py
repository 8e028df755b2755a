"""Habits of whole pages around a post: {title} and {body} are the post's, every other word is the page's."""

from __future__ import annotations

PAGES: dict[str, str] = {
    "elements": (
        "<body><a href='#main'>Skip to content</a><header><nav><ul><li><a href='/'>Front door</a></li>"
        "<li><a href='/about'>Our people</a></li></ul></nav></header><main id='main'><article><h1>{title}</h1>{body}"
        "</article></main><aside><h2>Most read</h2><ul><li><a href='/a'>Bells of Ostby</a></li></ul></aside>"
        "<footer><p>© 2026 Odde Herald</p><a href='/privacy'>Privacy</a></footer></body>"
    ),
    "classes": (
        "<body><div class='site-header'><div class='menu'><a href='/'>Front door</a></div></div><div class='content-area'>"
        "<div class='post hentry'><h2 class='entry-title'>{title}</h2><div class='entry-meta'>Filed in Harbour</div>"
        "<div class='entry-content'>{body}</div><div class='sharedaddy'>Share me<a href='/t'>Toot</a></div></div>"
        "<div id='comments'><h3>2 thoughts</h3><p>Lovely, Bob</p></div></div><div class='sidebar widget-area'><h3>Archive</h3>"
        "<a href='/2025'>Last year</a></div><div class='site-footer'>Proudly typed by hand</div></body>"
    ),
    "blogger": (
        "<body><div id='header'><p>A diary of Odde</p></div><div class='post-outer'><div class='post'>"
        "<h3 class='post-title entry-title'>{title}</h3><div class='post-header'></div><div class='post-body entry-content'>"
        "{body}</div><div class='post-footer'><span class='post-author'>Posted by Ann</span></div></div></div>"
        "<div id='blog-pager'><a href='/n'>Newer</a></div><div class='sidebar'><div class='widget'><h2>Followers</h2></div></div></body>"
    ),
    "layout tables": (
        "<body><table width='100%'><tr><td colspan='2'><font size='6'>THE ODDE HERALD</font></td></tr><tr><td width='140'>"
        "<a href='/'>Front door</a><br><a href='/w'>Weather</a></td><td><h1>{title}</h1>{body}</td></tr>"
        "<tr><td colspan='2'><center>Copyright 2026 Odde Herald. Best viewed at 800 by 600.</center></td></tr></table></body>"
    ),
    "a mail": (
        "<body><center><table id='bodyTable'><tr><td id='templatePreheader'><a href='/view'>View this in your browser</a></td></tr>"
        "<tr><td id='templateHeader'><h1>{title}</h1></td></tr><tr><td id='templateBody'>{body}</td></tr>"
        "<tr><td id='templateFooter'><p>You get this because you asked. <a href='#'>Unsubscribe</a></p>"
        "<p>Copyright © 2026 The Herald</p></td></tr></table></center></body>"
    ),
    "hashed": (
        "<body><div class='_a1'><div class='_b2'><a href='/'>Front door</a><a href='/w'>Weather</a></div><div class='_c3'>"
        "<h1 class='_d4'>{title}</h1><div class='_e5'>{body}</div></div><div class='_f6'><a href='/p'>Privacy</a>"
        "<a href='/c'>Cookies</a></div></div></body>"
    ),
    "printed": (
        "<body><div id='page'><div id='breadcrumbs'><a href='/'>Front door</a> › <a href='/h'>Harbour</a></div><div id='content'>"
        "<h1>{title}</h1><p class='print'><a href='#'>Print this page</a></p><div class='story-body'>{body}</div>"
        "<div class='pagination'><a href='/2'>Next story</a></div></div><div id='footer'>All rights reserved, 2026</div></div></body>"
    ),
    "roles": (
        "<body><div role='banner'>The Odde Herald</div><div role='navigation'><a href='/'>Front door</a></div>"
        "<div role='main'><div role='article'><h1>{title}</h1>{body}</div></div><div role='complementary'><h3>Weather</h3>"
        "<p>Rain until noon</p></div><div role='contentinfo'>Write to us</div></body>"
    ),
    "a newsletter": (
        "<body><div class='topbar'><a href='/'>Front door</a><button>Subscribe</button></div><div class='single-post'><article>"
        "<div class='post-header'><h1 class='post-title'>{title}</h1><div class='byline-wrapper'>Ann Lee</div></div>"
        "<div class='available-content'><div class='body markup'>{body}</div></div>"
        "<div class='subscription-widget-wrap'><p>Get the next one by mail</p></div></article></div>"
        "<div class='comments-section'><h4>Discussion</h4><p>First, says Bob</p></div></body>"
    ),
    "a school's page": (
        "<body><div class='toolbar'>A+ A- Contrast</div><div id='left'><ul class='menu'><li><a href='/'>Front door</a></li></ul></div>"
        "<div id='middle'><div class='news-detail'><h1>{title}</h1><div class='news-text'>{body}</div>"
        "<p class='back'><a href='#'>Back to the list</a></p></div></div><div id='right'><h3>Calendar</h3><p>12 May: choir</p></div></body>"
    ),
    "cookies first": (
        "<body><div class='cookie-banner' role='dialog'><p>We use cookies, as all do.</p><button>Fine</button></div>"
        "<div class='wrapper'><nav class='navbar'><a href='/'>Front door</a></nav><section class='article'><h1>{title}</h1>"
        "<div class='article-body'>{body}</div><ul class='tags'><li><a href='/tag/odde'>Odde things</a></li></ul></section>"
        "<section class='related-posts'><h3>Others looked at</h3><a href='/b'>Bells of Ostby</a></section></div>"
        "<div class='newsletter-signup'>Leave us your address</div></body>"
    ),
    "nothing but text": "<body>{body}</body>",
}
