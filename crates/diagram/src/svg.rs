//! A graph as SVG. Tags, attributes and style are literals; whatever else is written is escaped.

mod shared;

use std::fmt::Write;

use crate::graph::{Flow, FrameKind, Graph, Kind};
use crate::layout::{INSET, Layout, Placed, Rect};
use shared::Line;

/// Colours are those of the light form, and those of the dark form where the surroundings are dark. The picture brings its own background,
/// so that it is readable on any page.
const STYLE: &str = include_str!("style.css");
/// The corner of an arrow's way.
const CORNER: i32 = 5;
/// The height of one line below the picture.
const NOTE: i32 = 20;

/// The picture.
pub(crate) fn write(graph: &Graph) -> String {
    let layout = Layout::new(graph);
    let notes = graph.notes.len() + 1;
    let height = layout.height + NOTE * i32::try_from(notes).unwrap_or(1);
    let mut out = Svg(String::new());
    out.put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {height}\" width=\"{0}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"title desc\">\n<title id=\"title\">{1}</title>\n<desc id=\"desc\">{2}</desc>\n<style>\n{STYLE}</style>\n",
        layout.width,
        Escaped(&graph.title),
        Escaped(&description(graph)),
    ));
    for (id, class) in [("data", "flow"), ("aside", "aside"), ("crossing", "crossing")] {
        out.put(format_args!(
            "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"head {class}\" d=\"M0 0L8 4L0 8z\"/></marker>\n"
        ));
    }
    out.put(format_args!("<rect class=\"page\" width=\"{}\" height=\"{height}\" rx=\"10\"/>\n", layout.width));
    out.text("h1", 20, 38, &graph.title);
    for (frame, rect) in graph.frames.iter().zip(&layout.frames) {
        let class = match frame.kind {
            FrameKind::Isolation => "isolation",
            FrameKind::Network => "vpc",
            FrameKind::Boundary => "boundary",
            FrameKind::Platform => "platform",
            FrameKind::Plain => "plain",
        };
        out.rect(&format!("frame {class}"), rect, 10);
        let room = rect.width - 24;
        out.text(&format!("ft {class}"), rect.x + 12, rect.y + 18, &crate::measure::fit(&frame.title, room, 13, true));
        out.text("fs", rect.x + 12, rect.y + 33, &crate::measure::fit(&frame.subtitle, room, 11, false));
    }
    let mut drawn: Vec<(Flow, Line)> = Vec::new();
    for (edge, route) in graph.edges.iter().zip(&layout.routes) {
        let (class, marker) = match edge.flow {
            Flow::Data => ("flow", "data"),
            Flow::Aside => ("aside", "aside"),
            Flow::Crossing => ("crossing", "crossing"),
        };
        let before: Vec<Line> = drawn.iter().filter(|(flow, _)| *flow == edge.flow).map(|(_, line)| *line).collect();
        let (rest, joined) = shared::without(route, &before);
        if rest.len() < 2 {
            continue;
        }
        let head = if joined { String::new() } else { format!(" marker-end=\"url(#{marker})\"") };
        out.put(format_args!(
            "<path class=\"way {class}\"{head} d=\"{}\"><title>{}</title></path>\n",
            path(&rest),
            Escaped(&edge.label)
        ));
        drawn.extend(shared::lines(route).map(|line| (edge.flow, line)));
    }
    for (node, placed) in graph.nodes.iter().zip(&layout.boxes) {
        out.node(node.kind, node.encrypted, &node.name, placed);
    }
    legend(graph, &layout, &mut out);
    out.put(format_args!("</svg>\n"));
    out.0
}

/// What the picture shows, for those who cannot see it.
fn description(graph: &Graph) -> String {
    let title = |at: usize| graph.nodes.get(at).map_or("", |node| node.title.as_str());
    let arrows = graph.edges.iter().map(|edge| format!("{} to {} ({})", title(edge.from), title(edge.to), edge.label));
    let frames = graph.frames.iter().map(|frame| format!("{}: {}", frame.title, frame.subtitle));
    frames.chain(arrows).chain(graph.notes.iter().cloned()).collect::<Vec<_>>().join(". ")
}

/// What lines and the lock mean, and the notes.
fn legend(graph: &Graph, layout: &Layout, out: &mut Svg) {
    let mut y = layout.height;
    let mut x = 20;
    let present = |flow| graph.edges.iter().any(|edge| edge.flow == flow);
    let words = [
        (Flow::Data, "flow", "data", "requests, events, data"),
        (Flow::Aside, "aside", "aside", "logs, and what could not be delivered"),
        (Flow::Crossing, "crossing", "crossing", "from one tenant to another"),
    ];
    for (_, class, marker, word) in words.iter().filter(|(flow, ..)| present(*flow)) {
        out.put(format_args!(
            "<path class=\"way {class}\" marker-end=\"url(#{marker})\" d=\"M{x} {0}H{1}\"/>\n",
            y - 4,
            x + 30
        ));
        out.text("fs", x + 38, y, word);
        x += 38 + crate::measure::width(word, 11, false) + 24;
    }
    if graph.nodes.iter().any(|node| node.encrypted) {
        out.lock(x, y - 11);
        let words = "encrypted under the stack's own key";
        out.text("fs", x + 16, y, words);
        x += 16 + crate::measure::width(words, 11, false) + 24;
    }
    if graph.nodes.iter().any(|node| node.kind == Kind::Tenant) {
        out.put(format_args!("<g class=\"tenant\">"));
        out.rect("box", &Rect { x, y: y - 11, width: 22, height: 13 }, 3);
        out.put(format_args!("</g>\n"));
        out.text("fs", x + 30, y, "isolation boundary of a tenant");
    }
    for note in &graph.notes {
        y += NOTE;
        out.text("note", 20, y, note);
    }
}

/// A way with rounded corners.
fn path(corners: &[(i32, i32)]) -> String {
    let mut path = String::new();
    // Writing to a string does not fail.
    for (number, (x, y)) in corners.iter().enumerate() {
        let before = number.checked_sub(1).and_then(|before| corners.get(before));
        let _ = match (before, corners.get(number + 1)) {
            (None, _) => write!(path, "M{x} {y}"),
            (Some(_), None) => write!(path, "L{x} {y}"),
            (Some(before), Some(after)) => {
                let (from, to) = (toward((*x, *y), *before), toward((*x, *y), *after));
                write!(path, "L{} {}Q{x} {y} {} {}", from.0, from.1, to.0, to.1)
            }
        };
    }
    path
}

/// A point a little way from a corner to the next one.
fn toward((x, y): (i32, i32), (to_x, to_y): (i32, i32)) -> (i32, i32) {
    let step = |from: i32, to: i32| from + (to - from).signum() * ((to - from).abs() / 2).min(CORNER);
    (step(x, to_x), step(y, to_y))
}

struct Svg(String);

impl Svg {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(text);
    }

    fn rect(&mut self, class: &str, rect: &Rect, radius: i32) {
        let Rect { x, y, width, height } = rect;
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\n"
        ));
    }

    fn text(&mut self, class: &str, x: i32, y: i32, text: &str) {
        if !text.is_empty() {
            self.put(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", Escaped(text)));
        }
    }

    fn lock(&mut self, x: i32, y: i32) {
        self.put(format_args!(
            "<path class=\"lock\" transform=\"translate({x} {y})\" d=\"M2 5V3.5a3 3 0 0 1 6 0V5h.5a.5.5 0 0 1 .5.5v5a.5.5 0 0 1-.5.5h-7\
             a.5.5 0 0 1-.5-.5v-5A.5.5 0 0 1 1.500 5zM3.300 5h3.400V3.500a1.700 1.700 0 0 0-3.400 0z\"/>\n"
        ));
    }

    fn node(&mut self, kind: Kind, encrypted: bool, name: &str, placed: &Placed) {
        let class = match kind {
            Kind::Outside => "outside",
            Kind::Entry => "entry",
            Kind::Compute => "compute",
            Kind::Network => "network",
            Kind::Data => "data",
            Kind::Log => "log",
            Kind::Identity => "identity",
            Kind::Key => "key",
            Kind::Watch => "watch",
            Kind::Tenant => "tenant",
            Kind::Other => "other",
        };
        let Rect { x, y, width, height } = placed.rect;
        self.put(format_args!("<g class=\"{class}\"><title>{}</title>\n", Escaped(name)));
        self.rect("box", &placed.rect, 6);
        self.put(format_args!("<path class=\"bar\" d=\"M{} {}v{}\"/>\n", x + 5, y + 8, height - 16));
        let lines = i32::try_from(placed.lines.len()).unwrap_or(0);
        let mut baseline = y + height / 2 + 5 - 8 * lines;
        self.text("nt", x + INSET, baseline, &placed.title);
        for line in &placed.lines {
            baseline += 15;
            self.text("nl", x + INSET, baseline, line);
        }
        if encrypted {
            self.lock(x + width - 18, y + 7);
        }
        self.put(format_args!("</g>\n"));
    }
}

/// Text in XML.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // XML has no way to write them.
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        assert_eq!(Escaped("<a b=\"c\">&\u{0}").to_string(), "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}");
    }

    #[test]
    fn ways_have_round_corners() {
        assert_eq!(path(&[(0, 0), (20, 0), (20, 40)]), "M0 0L15 0Q20 0 20 5L20 40");
        assert_eq!(path(&[]), "");
    }
}
