//! Where everything is: boxes on a grid, frames around them, and arrows in the channels between columns and the gaps between rows, so that
//! none crosses a box.

mod route;
mod strips;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Graph, Node};
use crate::measure::{self, fit, wrap};

/// The height of a box.
pub(crate) const BOX: i32 = 56;
/// Font sizes of a box's title and of its lines.
pub(crate) const TITLE: i32 = 13;
pub(crate) const LINE: i32 = 11;
/// What is between a frame and what it holds.
pub(crate) const PAD: i32 = 14;
/// The height of a frame's head.
pub(crate) const HEAD: i32 = 40;
/// What is between two boxes without an arrow.
pub(crate) const GAP: i32 = 14;
/// What is between two arrows side by side.
const TRACK: i32 = 10;
/// The shortest way between a box and a corner, with room for an arrow's head.
const STUB: i32 = 16;
/// The margin of the picture, and the height of its head.
const MARGIN: i32 = 20;
const TOP: i32 = 44;
/// What a box has left and right of its text.
pub(crate) const INSET: i32 = 14;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

impl Rect {
    pub(crate) fn right(&self) -> i32 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> i32 {
        self.y + self.height
    }
}

/// A box with its text as it fits.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) rect: Rect,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

/// A picture with coordinates.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// By node.
    pub(crate) boxes: Vec<Placed>,
    /// By frame.
    pub(crate) frames: Vec<Rect>,
    /// By edge: its corners.
    pub(crate) routes: Vec<Vec<(i32, i32)>>,
}

/// The cells of the grid.
pub(crate) struct Grid {
    /// By node: column and row, where it has one.
    pub(crate) cells: BTreeMap<usize, (usize, usize)>,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// By frame: first and last column, first and last row; none where nothing in it has a cell.
    pub(crate) extents: Vec<Option<Extent>>,
}

/// The cells that a frame encloses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) columns: (usize, usize),
    pub(crate) rows: (usize, usize),
}

impl Grid {
    fn new(graph: &Graph) -> Self {
        let used: BTreeSet<usize> = graph.nodes.iter().filter_map(|node| node.column).collect();
        let column = |node: &Node| used.iter().position(|column| Some(*column) == node.column);
        let mut cells: BTreeMap<usize, (usize, usize)> =
            graph.rows().into_iter().filter_map(|(at, row)| Some((at, (column(graph.nodes.get(at)?)?, row)))).collect();
        for frame in 0..graph.frames.len() {
            keep_out(graph, frame, &mut cells);
        }
        let extents = (0..graph.frames.len()).map(|frame| extent(graph, frame, &cells)).collect();
        let rows = cells.values().map(|(_, row)| row + 1).max().unwrap_or(0);
        Self { cells, columns: used.len(), rows, extents }
    }

    pub(crate) fn is_free(&self, column: usize, row: usize) -> bool {
        !self.cells.values().any(|cell| *cell == (column, row))
    }

    /// How many frames begin before, or end after, a column or row.
    fn edges(&self, at: usize, pick: impl Fn(&Extent) -> usize) -> i32 {
        let count = self.extents.iter().flatten().filter(|extent| pick(extent) == at).count();
        i32::try_from(count).unwrap_or(0)
    }
}

fn extent(graph: &Graph, frame: usize, cells: &BTreeMap<usize, (usize, usize)>) -> Option<Extent> {
    let inside =
        cells.iter().filter(|(at, _)| graph.nodes.get(**at).is_some_and(|node| graph.within(node.frame, frame)));
    let (columns, rows): (Vec<usize>, Vec<usize>) = inside.map(|(_, cell)| *cell).unzip();
    let ends = |all: &[usize]| Some((*all.iter().min()?, *all.iter().max()?));
    Some(Extent { columns: ends(&columns)?, rows: ends(&rows)? })
}

/// What does not belong into a frame goes below it, so that it is not drawn inside.
fn keep_out(graph: &Graph, frame: usize, cells: &mut BTreeMap<usize, (usize, usize)>) {
    let Some(extent) = extent(graph, frame, cells) else { return };
    let (first, last) = extent.columns;
    for column in first..=last {
        let mut next = extent.rows.1 + 1;
        for (at, cell) in cells.iter_mut().filter(|(_, cell)| cell.0 == column) {
            let inside = graph.nodes.get(*at).is_some_and(|node| graph.within(node.frame, frame));
            if !inside {
                cell.1 = cell.1.max(next);
                next = cell.1 + 1;
            }
        }
    }
}

impl Layout {
    pub(crate) fn new(graph: &Graph) -> Self {
        let grid = Grid::new(graph);
        let plan = route::Plan::new(graph, &grid);

        // From top to bottom.
        let mut y = MARGIN + TOP;
        let mut row_tops = Vec::new();
        let mut gap_tops = vec![y];
        y += plan.tracks_in_gap(0) * TRACK + if plan.tracks_in_gap(0) > 0 { TRACK } else { 0 };
        for row in 0..grid.rows {
            y += grid.edges(row, |extent| extent.rows.0) * HEAD;
            row_tops.push(y);
            y += BOX + grid.edges(row, |extent| extent.rows.1) * PAD;
            gap_tops.push(y + TRACK / 2);
            y += GAP + plan.tracks_in_gap(row + 1) * TRACK;
        }
        let ports = plan.ports(&row_tops);
        let gaps = plan.gap_lines(&gap_tops, TRACK);

        // From left to right.
        let mut x = MARGIN;
        let mut column_lefts = Vec::new();
        let mut widths = Vec::new();
        let mut tracks: BTreeMap<(usize, route::Key), i32> = BTreeMap::new();
        for column in 0..grid.columns {
            x += grid.edges(column, |extent| extent.columns.0) * PAD;
            let nodes =
                grid.cells.iter().filter(|(_, cell)| cell.0 == column).filter_map(|(at, _)| graph.nodes.get(*at));
            let width = nodes.map(wish).max().unwrap_or(0);
            column_lefts.push(x);
            widths.push(width);
            x += width + grid.edges(column, |extent| extent.columns.1) * PAD;
            let order = plan.order(column, &ports, &gaps);
            let base = x + STUB;
            for (number, key) in order.iter().enumerate() {
                tracks.insert((column, *key), base + TRACK * i32::try_from(number).unwrap_or(0));
            }
            if column + 1 < grid.columns || !order.is_empty() {
                x = base + TRACK * (i32::try_from(order.len()).unwrap_or(0) - 1).max(0) + STUB;
            }
        }
        let mut boxes: Vec<Placed> = graph
            .nodes
            .iter()
            .enumerate()
            .map(|(at, node)| {
                let cell = grid.cells.get(&at).and_then(|(column, row)| {
                    Some(Rect {
                        x: *column_lefts.get(*column)?,
                        y: *row_tops.get(*row)?,
                        width: *widths.get(*column)?,
                        height: BOX,
                    })
                });
                placed(node, cell.unwrap_or_default())
            })
            .collect();
        let routes = plan.routes(&boxes, &ports, &gaps, &tracks);
        let (frames, bottom) = strips::frames(graph, &grid, &mut boxes, y);
        let right = frames.iter().map(Rect::right).chain([x]).max().unwrap_or(0);
        let title = measure::width(&graph.title, 20, true) + 2 * MARGIN;
        Self { width: (right + MARGIN).max(title), height: bottom + MARGIN, boxes, frames, routes }
    }
}

/// How wide a box would like to be.
fn wish(node: &Node) -> i32 {
    let lock = if node.encrypted { 16 } else { 0 };
    let lines = node.lines.iter().map(|line| measure::width(line, LINE, false));
    let most = if node.lines.len() > 1 { 172 } else { 128 };
    let title = measure::width(&node.title, TITLE, true) + lock;
    (lines.max().unwrap_or(0).min(most).max(title) + 2 * INSET).clamp(112, 280)
}

/// A box with its text cut to its size.
pub(crate) fn placed(node: &Node, rect: Rect) -> Placed {
    let room = (rect.width - 2 * INSET).max(0);
    let lock = if node.encrypted { 16 } else { 0 };
    let lines = match node.lines.as_slice() {
        [one] => wrap(one, room, LINE),
        several => several.iter().take(2).map(|line| fit(line, room, LINE, false)).collect(),
    };
    Placed { rect, title: fit(&node.title, room - lock, TITLE, true), lines }
}
