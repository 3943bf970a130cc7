//! HTML as values. Tags, attribute names and raw markup are literals; whatever else is written is escaped, and there is no other way in.

use std::fmt::{self, Display, Write};

/// Elements that have no content and no end tag.
const VOID: [&str; 2] = ["meta", "input"];

/// Finished markup.
#[derive(Clone, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup that the program itself holds.
    pub(super) fn raw(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    pub(super) fn add(mut self, more: impl Into<Html>) -> Self {
        self.0.push_str(&more.into().0);
        self
    }

    pub(super) fn add_all<T: Into<Html>>(self, more: impl IntoIterator<Item = T>) -> Self {
        more.into_iter().fold(self, Self::add)
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// An element that is being written.
pub(super) struct Element {
    tag: &'static str,
    start: String,
    content: Html,
}

/// An element without attributes and content.
pub(super) fn el(tag: &'static str) -> Element {
    Element { tag, start: format!("<{tag}"), content: Html::default() }
}

/// Text outside of an element of its own.
pub(super) fn text(text: impl Display) -> Html {
    let mut html = Html::default();
    escape(&mut html.0, text);
    html
}

impl Element {
    pub(super) fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        self.start.extend([" ", name, "=\""]);
        escape(&mut self.start, value);
        self.start.push('"');
        self
    }

    pub(super) fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    /// An attribute that is there or not.
    pub(super) fn flag(mut self, name: &'static str, set: bool) -> Self {
        if set {
            self.start.extend([" ", name]);
        }
        self
    }

    pub(super) fn text(mut self, text: impl Display) -> Self {
        escape(&mut self.content.0, text);
        self
    }

    /// The finished element.
    pub(super) fn html(self) -> Html {
        self.into()
    }

    pub(super) fn add(mut self, child: impl Into<Html>) -> Self {
        self.content = self.content.add(child);
        self
    }

    pub(super) fn add_all<T: Into<Html>>(mut self, children: impl IntoIterator<Item = T>) -> Self {
        self.content = self.content.add_all(children);
        self
    }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        let Element { tag, mut start, content } = element;
        start.push('>');
        if VOID.contains(&tag) {
            return Self(start);
        }
        start.push_str(&content.0);
        start.extend(["</", tag, ">"]);
        Self(start)
    }
}

impl<T: Into<Html>> From<Option<T>> for Html {
    fn from(html: Option<T>) -> Self {
        html.map(Into::into).unwrap_or_default()
    }
}

fn escape(out: &mut String, text: impl Display) {
    // Writing to a string does not fail.
    let _ = write!(Escaping(out), "{text}");
}

struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c if unseen(c) => write!(self.0, "{}", c.escape_unicode())?,
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

/// Characters that cannot be seen, or that change how others are: a name shall not look like another name.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(element: Element) -> String {
        Html::from(element).into_string()
    }

    #[test]
    fn what_is_written_into_an_element_is_text() {
        let hostile = "</p><script>alert(\"x\")</script>&amp;'";
        assert_eq!(
            written(el("p").attr("title", hostile).text(hostile)),
            "<p title=\"&lt;/p&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;&#39;\">\
             &lt;/p&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;&#39;</p>"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(written(el("b").text("a\0b\u{202e}c\n\u{1b}[2J")), "<b>a\\u{0}b\\u{202e}c\\u{a}\\u{1b}[2J</b>");
    }

    #[test]
    fn elements_nest_and_void_ones_have_no_end() {
        let list =
            el("ul").class("x").flag("hidden", true).flag("open", false).add_all((1..3).map(|n| el("li").text(n)));
        assert_eq!(written(list), "<ul class=\"x\" hidden><li>1</li><li>2</li></ul>");
        assert_eq!(written(el("meta").attr("charset", "utf-8")), "<meta charset=\"utf-8\">");
        assert_eq!(Html::from(None::<Element>).into_string(), "");
    }
}
