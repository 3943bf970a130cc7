//! The map of a large fleet: one picture of all ordered pairs, in which what stands against isolation can be seen at any size.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::{Range, RangeInclusive};

use super::markup::{Element, Html, el, text};
use super::pairs::{Pairs, Party};
use super::parts::{count, number};

/// Squares in a row, at most: with more tenants a square stands for several.
const SIDE: usize = 64;

type Squares = BTreeSet<(usize, usize)>;

pub(super) fn map(pairs: &Pairs<'_>) -> Element {
    let tenants = pairs.tenants.len();
    let grid = Grid { tenants, side: tenants.min(SIDE) };
    let (mut ways, mut open) = (Squares::new(), Squares::new());
    let all = 0..tenants;
    ways.extend(pairs.ways().filter_map(|(from, to)| grid.pair(from, to)));
    open.extend(pairs.open_both_ways().filter_map(|(from, to)| grid.pair(from, to)));
    for (from, to) in pairs.groups_with_ways() {
        grid.fill(&mut open, &pairs.members(from), &pairs.members(to));
    }
    for tenant in pairs.open_tenants() {
        grid.fill(&mut open, &(tenant..tenant + 1), &all);
        grid.fill(&mut open, &all, &(tenant..tenant + 1));
    }
    if pairs.all_open() {
        grid.fill(&mut open, &all, &all);
    }
    open.retain(|square| !ways.contains(square));
    let spoken = [(&ways, "a way through"), (&open, "something not proved")];
    let spoken: Vec<String> =
        spoken.iter().map(|(squares, what)| format!("{} with {what}", count(squares.len(), "square"))).collect();
    let words = format!("Map of all pairs: {} squares, {}.", number(grid.side * grid.side), spoken.join(", "));
    let diagonal: Squares =
        (0..grid.side).map(|at| (at, at)).filter(|at| !ways.contains(at) && !open.contains(at)).collect();
    let side = grid.side;
    let path = |class: &'static str, squares: &Squares, shape: Shape| {
        (!squares.is_empty()).then(|| Html::from(el("path").class(class).attr("d", shape.path(squares))))
    };
    let picture = el("svg")
        .attr("role", "img")
        .attr("aria-label", &words)
        .attr("viewBox", format_args!("-0.5 -0.5 {} {}", side + 1, side + 1))
        .add(el("rect").class("all").attr("width", side).attr("height", side))
        .add(path("diagonal", &diagonal, Shape::Square))
        .add(path("open", &open, Shape::Diamond))
        .add(path("bad", &ways, Shape::Square));
    let scale = tenants.div_ceil(side.max(1));
    let scale = if scale == 1 { "one pair".to_owned() } else { format!("up to {scale} × {scale} pairs") };
    let caption =
        text("Who asks from top to bottom, who is reached from left to right, both in the order of the list of stacks")
            .add(text(format_args!(
                " by class; a square stands for {scale}. Filled: a way through. Diamond: not proved. "
            )))
            .add(text("Diagonal: each tenant with itself. Blank: isolated."));
    el("figure").class("map").add(picture).add(el("figcaption").add(caption))
}

struct Grid {
    tenants: usize,
    side: usize,
}

impl Grid {
    fn square(&self, tenant: Party) -> usize {
        tenant * self.side / self.tenants.max(1)
    }

    /// The square of a pair of tenants; none where one of the two is no tenant.
    fn pair(&self, from: Party, to: Party) -> Option<(usize, usize)> {
        (from < self.tenants && to < self.tenants).then(|| (self.square(from), self.square(to)))
    }

    fn squares(&self, tenants: &Range<Party>) -> RangeInclusive<usize> {
        self.square(tenants.start)..=self.square(tenants.end.saturating_sub(1))
    }

    fn fill(&self, squares: &mut Squares, from: &Range<Party>, to: &Range<Party>) {
        for row in self.squares(from) {
            squares.extend(self.squares(to).map(|column| (row, column)));
        }
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Square,
    Diamond,
}

impl Shape {
    fn path(self, squares: &Squares) -> String {
        squares.iter().fold(String::new(), |mut path, (row, column)| {
            // Writing to a string does not fail.
            let _ = match self {
                Self::Square => write!(path, "M{column} {row}h1v1h-1z"),
                Self::Diamond => write!(path, "M{column}.5 {row}l.5.5-.5.5-.5-.5z"),
            };
            path
        })
    }
}
