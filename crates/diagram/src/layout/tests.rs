//! What must hold of every picture, whatever is in it: tried with many made-up graphs.

use std::ops::RangeInclusive;

use super::*;
use crate::graph::{Edge, Flow, FrameKind, Kind};

/// Numbers that are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }
}

fn graph(seed: u64) -> Graph {
    let mut dice = Dice(seed);
    let mut graph = Graph { title: "made up".to_owned(), ..Graph::default() };
    let outer = graph.frame(FrameKind::Isolation, "outer".to_owned(), "of all".to_owned(), None);
    let inner = graph.frame(FrameKind::Network, "inner".to_owned(), String::new(), Some(outer));
    let row = graph.frame(FrameKind::Boundary, "row".to_owned(), String::new(), Some(outer));
    let mut node = |graph: &mut Graph, column: Option<usize>, frame: Option<usize>, order: usize| {
        let at = graph.nodes.len();
        graph.node(Node {
            kind: Kind::Compute,
            title: format!("node {at} {}", "with a name that is long ".repeat(dice.below(4))),
            lines: vec!["a line".to_owned(); dice.below(3)],
            name: String::new(),
            encrypted: dice.below(2) == 0,
            frame,
            column,
            order,
        });
    };
    let mut counts = Dice(seed ^ 7);
    for column in 0..5 {
        for number in 0..counts.below(6) {
            let frame = match column {
                0 | 4 => None,
                2 | 3 if number % 3 != 2 => Some(inner),
                _ => Some(outer),
            };
            node(&mut graph, Some(column), frame, counts.below(3));
        }
    }
    for _ in 0..counts.below(7) {
        node(&mut graph, None, Some(row), 0);
    }
    let boxes = graph.nodes.iter().filter(|node| node.column.is_some()).count();
    for _ in 0..counts.below(14) {
        let flow = if counts.below(3) == 0 { Flow::Aside } else { Flow::Data };
        graph.edge(counts.below(boxes), counts.below(boxes), flow, "");
    }
    graph
}

fn overlap(one: &Rect, other: &Rect) -> bool {
    one.x < other.right() && other.x < one.right() && one.y < other.bottom() && other.y < one.bottom()
}

fn inside(inner: &Rect, outer: &Rect) -> bool {
    inner.x >= outer.x && inner.right() <= outer.right() && inner.y >= outer.y && inner.bottom() <= outer.bottom()
}

fn span(one: i32, other: i32) -> RangeInclusive<i32> {
    one.min(other)..=one.max(other)
}

/// Whether a level or upright line goes through a box.
fn crosses((from, to): ((i32, i32), (i32, i32)), rect: &Rect) -> bool {
    let (xs, ys) = (span(from.0, to.0), span(from.1, to.1));
    *xs.start() < rect.right() && *xs.end() > rect.x && *ys.start() < rect.bottom() && *ys.end() > rect.y
}

#[test]
fn boxes_stand_apart_frames_hold_what_is_theirs_and_no_arrow_crosses_a_box() {
    for seed in 0..300 {
        let graph = graph(seed);
        let layout = Layout::new(&graph);
        let page = Rect { x: 0, y: 0, width: layout.width, height: layout.height };
        for (at, one) in layout.boxes.iter().enumerate() {
            assert!(inside(&one.rect, &page), "seed {seed}: box {at} leaves the page");
            for (number, other) in layout.boxes.iter().enumerate().skip(at + 1) {
                assert!(!overlap(&one.rect, &other.rect), "seed {seed}: boxes {at} and {number}");
            }
            for (number, frame) in layout.frames.iter().enumerate() {
                let own = graph.within(graph.nodes[at].frame, number);
                assert_eq!(inside(&one.rect, frame), own, "seed {seed}: box {at} and frame {number}");
                assert!(own || !overlap(&one.rect, frame), "seed {seed}: box {at} and frame {number}");
            }
            for text in [&one.title].into_iter().chain(&one.lines) {
                let room = one.rect.width - 2 * INSET;
                assert!(measure::width(text, TITLE, false) <= room + 40 && !text.is_empty(), "seed {seed}: `{text}`");
            }
        }
        for (edge, route) in graph.edges.iter().zip(&layout.routes) {
            assert!(route.len() >= 2, "seed {seed}: {edge:?} is not drawn");
            for line in route.iter().copied().zip(route.iter().skip(1).copied()) {
                assert!(line.0.0 == line.1.0 || line.0.1 == line.1.1, "seed {seed}: {edge:?} is slanted");
                for (at, placed) in layout.boxes.iter().enumerate() {
                    assert!(!crosses(line, &placed.rect), "seed {seed}: {edge:?} crosses box {at}: {line:?}");
                }
            }
            let end = route.last().unwrap();
            let target = layout.boxes[edge.to].rect;
            assert!([target.x, target.right()].contains(&end.0) && span(target.y, target.bottom()).contains(&end.1));
        }
    }
}

/// Two arrows that lie on one another would be read as one, unless they start or end at the same point.
#[test]
fn arrows_that_have_nothing_in_common_do_not_lie_on_one_another() {
    let mut shared = 0;
    for seed in 0..300 {
        let graph = graph(seed);
        let layout = Layout::new(&graph);
        let lines = |at: usize| -> Vec<((i32, i32), (i32, i32))> {
            let route = &layout.routes[at];
            route.iter().copied().zip(route.iter().skip(1).copied()).collect()
        };
        let common =
            |one: &Edge, other: &Edge| one.flow == other.flow && (one.from == other.from || one.to == other.to);
        for (at, one) in graph.edges.iter().enumerate() {
            for (number, other) in graph.edges.iter().enumerate().skip(at + 1) {
                for (a, b) in lines(at).into_iter().flat_map(|a| lines(number).into_iter().map(move |b| (a, b))) {
                    let upright = a.0.0 == a.1.0 && b.0.0 == b.1.0 && a.0.0 == b.0.0;
                    let level = a.0.1 == a.1.1 && b.0.1 == b.1.1 && a.0.1 == b.0.1;
                    let (one_span, other_span) = match (upright, level) {
                        (true, _) => (span(a.0.1, a.1.1), span(b.0.1, b.1.1)),
                        (_, true) => (span(a.0.0, a.1.0), span(b.0.0, b.1.0)),
                        _ => continue,
                    };
                    if one_span.end() > other_span.start() && other_span.end() > one_span.start() && !common(one, other)
                    {
                        shared += 1;
                        eprintln!("seed {seed}: {one:?} and {other:?} at {a:?} and {b:?}");
                    }
                }
            }
        }
    }
    assert_eq!(shared, 0);
}

#[test]
fn an_empty_graph_has_a_picture() {
    let layout = Layout::new(&Graph { title: "nothing".to_owned(), ..Graph::default() });
    assert!(layout.width > 0 && layout.height > 0);
}
