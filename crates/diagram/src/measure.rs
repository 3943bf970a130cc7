//! How wide text is, without a font: an estimate that is rather too wide than too narrow, so that text stays inside its box with
//! whatever sans-serif font there is.

/// The width of a text in tenths of a thousandth of the font's size, summed and rounded up to pixels.
pub(crate) fn width(text: &str, size: i32, bold: bool) -> i32 {
    let units: i32 = text.chars().map(units).sum();
    let units = if bold { units * 116 / 100 } else { units };
    (units * size + 999) / 1000
}

/// The advance of a character in thousandths of the font's size.
fn units(c: char) -> i32 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '·' => 310,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '/' | '-' => 390,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 920,
        'A'..='Z' | '_' | '&' => 710,
        c if c.is_ascii() => 590,
        _ => 1000,
    }
}

/// The text, or as much of it as there is room for.
pub(crate) fn fit(text: &str, room: i32, size: i32, bold: bool) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size, bold) + width("…", size, bold) > room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// The text in at most two lines, parted between words.
pub(crate) fn wrap(text: &str, room: i32, size: i32) -> Vec<String> {
    if width(text, size, false) <= room {
        return vec![text.to_owned()];
    }
    let mut first = String::new();
    let mut rest = text;
    while let Some((word, after)) = rest.split_once(' ') {
        let longer = if first.is_empty() { word.to_owned() } else { format!("{first} {word}") };
        if width(&longer, size, false) > room {
            break;
        }
        (first, rest) = (longer, after);
    }
    let lines = [first, rest.to_owned()].into_iter().filter(|line| !line.is_empty());
    lines.map(|line| fit(&line, room, size, false)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        assert_eq!(fit("short", 100, 12, false), "short");
        let cut = fit("a name that is much too long", 100, 12, false);
        assert!(cut.ends_with('…') && width(&cut, 12, false) <= 100, "{cut}");
        assert_eq!(fit("ab", 0, 12, false), "…");
    }

    #[test]
    fn a_line_is_parted_between_words() {
        assert_eq!(wrap("Reads the logs of its tenant", 100, 11), ["Reads the logs of", "its tenant"]);
        assert_eq!(wrap("", 100, 11), [""]);
    }
}
