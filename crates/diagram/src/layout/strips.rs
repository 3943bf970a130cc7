//! Frames, and the rows of boxes without arrows that stand at their feet.

use crate::graph::Graph;
use crate::layout::{BOX, GAP, Grid, HEAD, PAD, Placed, Rect, placed};

/// The narrowest box of a row.
const NARROWEST: i32 = 160;

/// The frames, and where the picture ends. `y` is where the grid does.
pub(super) fn frames(graph: &Graph, grid: &Grid, boxes: &mut [Placed], mut y: i32) -> (Vec<Rect>, i32) {
    let mut frames: Vec<Option<Rect>> = vec![None; graph.frames.len()];
    // From the inside to the outside: a frame stands after the one around it.
    for at in (0..graph.frames.len()).rev() {
        let around = grid.extents.get(at).copied().flatten().map(|_| enclosing(graph, at, boxes, &frames));
        if let (Some(slot), Some(rect)) = (frames.get_mut(at), around) {
            *slot = rect;
        }
    }
    for root in (0..graph.frames.len()).filter(|at| graph.frames.get(*at).is_some_and(|frame| frame.parent.is_none())) {
        let Some(Some(outer)) = frames.get(root).copied() else { continue };
        let inner = Rect { x: outer.x + PAD, width: outer.width - 2 * PAD, ..outer };
        y = y.max(outer.bottom());
        for at in (0..graph.frames.len()).filter(|at| *at != root && graph.within(Some(*at), root)) {
            if frames.get(at).copied().flatten().is_none() {
                let content = Rect { x: inner.x + PAD, y: y + HEAD, width: inner.width - 2 * PAD, height: 0 };
                let bottom = row(graph, at, content, boxes) + PAD;
                if let Some(slot) = frames.get_mut(at) {
                    *slot = Some(Rect { x: inner.x, y, width: inner.width, height: bottom - y });
                }
                y = bottom + GAP;
            }
        }
        let own = graph.nodes.iter().any(|node| node.frame == Some(root) && node.column.is_none());
        let bottom = if own { row(graph, root, Rect { y, ..inner }, boxes) + PAD } else { y };
        if let Some(Some(rect)) = frames.get_mut(root) {
            rect.height = (bottom - rect.y).max(rect.height);
            y = rect.bottom() + GAP;
        }
    }
    (frames.into_iter().map(Option::unwrap_or_default).collect(), y)
}

/// The rectangle around what a frame holds in the grid.
fn enclosing(graph: &Graph, frame: usize, boxes: &[Placed], frames: &[Option<Rect>]) -> Option<Rect> {
    let own = graph.nodes.iter().zip(boxes).filter(|(node, _)| node.frame == Some(frame) && node.column.is_some());
    let children = graph.frames.iter().zip(frames).filter(|(child, _)| child.parent == Some(frame));
    let inside: Vec<Rect> = own.map(|(_, placed)| placed.rect).chain(children.filter_map(|(_, rect)| *rect)).collect();
    let (left, top) = (inside.iter().map(|rect| rect.x).min()?, inside.iter().map(|rect| rect.y).min()?);
    let (right, bottom) = (inside.iter().map(Rect::right).max()?, inside.iter().map(Rect::bottom).max()?);
    Some(Rect { x: left - PAD, y: top - HEAD, width: right - left + 2 * PAD, height: bottom - top + HEAD + PAD })
}

/// Sets a frame's boxes without arrows side by side; says where they end.
fn row(graph: &Graph, frame: usize, room: Rect, boxes: &mut [Placed]) -> i32 {
    let mine: Vec<usize> = (0..boxes.len())
        .filter(|at| graph.nodes.get(*at).is_some_and(|node| node.frame == Some(frame) && node.column.is_none()))
        .collect();
    let count = i32::try_from(mine.len()).unwrap_or(1).max(1);
    let fitting = ((room.width + GAP) / (NARROWEST + GAP)).max(1);
    let lines = (count + fitting - 1) / fitting;
    let across = (count + lines - 1) / lines;
    let width = (room.width - (across - 1) * GAP) / across;
    for (number, at) in (0..).zip(mine) {
        let rect = Rect {
            x: room.x + number % across * (width + GAP),
            y: room.y + number / across * (BOX + GAP),
            width,
            height: BOX,
        };
        if let (Some(node), Some(slot)) = (graph.nodes.get(at), boxes.get_mut(at)) {
            *slot = placed(node, rect);
        }
    }
    room.y + lines * (BOX + GAP) - GAP
}
