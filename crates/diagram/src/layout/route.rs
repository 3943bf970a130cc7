//! The ways of arrows. An arrow leaves its box at one side, goes up or down in the channel beside it, and, where boxes stand between it and
//! its end, through the gap between two rows. Arrows that start or end at the same point share their way.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{Flow, Graph};
use crate::layout::{BOX, Grid, Placed};

/// The side of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A point at a box where arrows of one flow start or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Port {
    node: usize,
    side: Side,
    /// Whether arrows end there.
    end: bool,
    flow: Flow,
}

/// What shares a track: all arrows to one point, or from one point.
pub(crate) type Key = Port;

/// A column and a row.
type Cell = (usize, usize);

/// The way of one arrow, without coordinates.
#[derive(Clone, Copy, Debug)]
struct Way {
    from: Port,
    to: Port,
    key: Key,
    leg: Leg,
}

#[derive(Clone, Copy, Debug)]
enum Leg {
    /// In one channel, and from there straight on.
    Channel(usize),
    /// In the first channel, through a gap, and in the second channel.
    Gap { first: usize, gap: usize, second: usize },
}

pub(crate) struct Plan {
    ways: Vec<Way>,
    /// The keys that go through each gap.
    gaps: BTreeMap<usize, BTreeSet<Key>>,
    rows: BTreeMap<usize, usize>,
}

impl Plan {
    pub(crate) fn new(graph: &Graph, grid: &Grid) -> Self {
        let mut ends: Vec<(Port, Port, Cell, Cell)> = Vec::new();
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (grid.cells.get(&edge.from), grid.cells.get(&edge.to)) else { continue };
            let (out, into) = match from.0.cmp(&to.0) {
                std::cmp::Ordering::Less => (Side::Right, Side::Left),
                std::cmp::Ordering::Greater => (Side::Left, Side::Right),
                std::cmp::Ordering::Equal => (Side::Right, Side::Right),
            };
            let start = Port { node: edge.from, side: out, end: false, flow: edge.flow };
            ends.push((start, Port { node: edge.to, side: into, end: true, flow: edge.flow }, *from, *to));
        }
        let mut plan = Self {
            ways: Vec::new(),
            gaps: BTreeMap::new(),
            rows: grid.cells.iter().map(|(at, (_, row))| (*at, *row)).collect(),
        };
        let mut taken: BTreeMap<Cell, Key> = BTreeMap::new();
        for (from, to, start, end) in &ends {
            let together = ends.iter().filter(|(_, other, ..)| other == to).count();
            let apart = ends.iter().filter(|(other, ..)| other == from).count();
            let key = if together > 1 && together >= apart { *to } else { *from };
            let leg = plan.leg(grid, key, *start, *end, &mut taken);
            plan.ways.push(Way { from: *from, to: *to, key, leg });
        }
        plan
    }

    fn leg(
        &mut self,
        grid: &Grid,
        key: Key,
        (from, start): Cell,
        (to, end): Cell,
        taken: &mut BTreeMap<Cell, Key>,
    ) -> Leg {
        let (first, second) = match from.cmp(&to) {
            std::cmp::Ordering::Less => (from, to - 1),
            std::cmp::Ordering::Greater => (from - 1, to),
            std::cmp::Ordering::Equal => (from, from),
        };
        if first == second {
            return Leg::Channel(first);
        }
        let between = from.min(to) + 1..from.max(to);
        // Where arrows come together they do so early, where they part they do so late.
        let straight = if key.end { [(end, first), (start, second)] } else { [(start, second), (end, first)] };
        for (row, channel) in straight {
            let free = |column: usize| {
                grid.is_free(column, row) && taken.get(&(column, row)).is_none_or(|other| *other == key)
            };
            if between.clone().all(free) {
                taken.extend(between.map(|column| ((column, row), key)));
                return Leg::Channel(channel);
            }
        }
        // Where the key goes already; else below the start on the way down, above it on the way up, and where there is more room if level.
        let used = |gap: &usize| self.gaps.get(gap).is_some_and(|keys| keys.contains(&key));
        let gap = [start, start + 1].into_iter().find(used).unwrap_or(match end.cmp(&start) {
            std::cmp::Ordering::Less => start,
            std::cmp::Ordering::Greater => start + 1,
            std::cmp::Ordering::Equal => start + usize::from(self.tracks_in_gap(start) > self.tracks_in_gap(start + 1)),
        });
        self.gaps.entry(gap).or_default().insert(key);
        Leg::Gap { first, gap, second }
    }

    pub(crate) fn tracks_in_gap(&self, gap: usize) -> i32 {
        i32::try_from(self.gaps.get(&gap).map_or(0, BTreeSet::len)).unwrap_or(0)
    }

    /// The height of each arrow's way through a gap.
    pub(crate) fn gap_lines(&self, tops: &[i32], track: i32) -> BTreeMap<(usize, Key), i32> {
        let mut lines = BTreeMap::new();
        for (gap, keys) in &self.gaps {
            for (number, key) in (1..).zip(keys) {
                lines.insert((*gap, *key), tops.get(*gap).copied().unwrap_or(0) + number * track - track / 2);
            }
        }
        lines
    }

    /// The height of each point where arrows start or end: side by side, in the order of where the other ends are.
    pub(crate) fn ports(&self, tops: &[i32]) -> BTreeMap<Port, i32> {
        let mut sides: BTreeMap<(usize, Side), BTreeMap<Port, Vec<usize>>> = BTreeMap::new();
        let row = |port: &Port| self.rows.get(&port.node).copied().unwrap_or(0);
        for way in &self.ways {
            for (port, other) in [(way.from, way.to), (way.to, way.from)] {
                sides.entry((port.node, port.side)).or_default().entry(port).or_default().push(row(&other));
            }
        }
        let mut heights = BTreeMap::new();
        for ports in sides.into_values() {
            let mean = |rows: &[usize]| rows.iter().sum::<usize>() * 16 / rows.len().max(1);
            let mut ports: Vec<(usize, Port)> = ports.iter().map(|(port, rows)| (mean(rows), *port)).collect();
            ports.sort_unstable();
            let count = i32::try_from(ports.len()).unwrap_or(1);
            for (number, (_, port)) in (1..).zip(ports) {
                let top = tops.get(row(&port)).copied().unwrap_or(0);
                // A little lower where there are several, so that arrows between two boxes in a row do not meet head on.
                let lower = if port.side == Side::Left && count > 1 { 3 } else { 0 };
                heights.insert(port, top + BOX * number / (count + 1) + lower);
            }
        }
        heights
    }

    /// The stretches of a key in a channel: where it goes up and down, and the heights at which it comes from the left and leaves to the right.
    fn stretches(
        &self,
        channel: usize,
        ports: &BTreeMap<Port, i32>,
        gaps: &BTreeMap<(usize, Key), i32>,
    ) -> BTreeMap<Key, Stretch> {
        let mut found: BTreeMap<Key, Stretch> = BTreeMap::new();
        for way in &self.ways {
            let (Some(start), Some(end)) = (ports.get(&way.from).copied(), ports.get(&way.to).copied()) else {
                continue;
            };
            let ends = match way.leg {
                Leg::Channel(here) if here == channel => Some((start, end)),
                Leg::Gap { first, gap, .. } if first == channel => gaps.get(&(gap, way.key)).map(|line| (start, *line)),
                Leg::Gap { second, gap, .. } if second == channel => gaps.get(&(gap, way.key)).map(|line| (*line, end)),
                _ => None,
            };
            if let Some((one, other)) = ends {
                let stretch = found.entry(way.key).or_default();
                stretch.span = Some(stretch.span.map_or((one.min(other), one.max(other)), |(low, high)| {
                    (low.min(one).min(other), high.max(one).max(other))
                }));
                let (left, right) = match (way.from.side, way.to.side) {
                    (Side::Right, Side::Left) => (vec![one], vec![other]),
                    (Side::Left, _) => (vec![other], vec![one]),
                    (Side::Right, Side::Right) => (vec![one, other], Vec::new()),
                };
                stretch.left.extend(left);
                stretch.right.extend(right);
            }
        }
        found
    }

    /// The keys of a channel from left to right, so that few arrows cross and none lies on another.
    pub(crate) fn order(
        &self,
        channel: usize,
        ports: &BTreeMap<Port, i32>,
        gaps: &BTreeMap<(usize, Key), i32>,
    ) -> Vec<Key> {
        let stretches = self.stretches(channel, ports, gaps);
        let mut order: Vec<Key> = stretches.keys().copied().collect();
        let cost = |order: &[Key]| -> usize {
            let mut sum = 0;
            for (number, left) in order.iter().enumerate() {
                for right in order.iter().skip(number + 1) {
                    if let (Some(left), Some(right)) = (stretches.get(left), stretches.get(right)) {
                        sum += left.beside(right);
                    }
                }
            }
            sum
        };
        let mut best = cost(&order);
        // A few arrows: moving each to every place, until none is better off elsewhere.
        loop {
            let before = best;
            for from in 0..order.len() {
                for to in 0..order.len() {
                    let mut other = order.clone();
                    let key = other.remove(from);
                    other.insert(to, key);
                    let sum = cost(&other);
                    if sum < best {
                        (best, order) = (sum, other);
                    }
                }
            }
            if best == before {
                return order;
            }
        }
    }

    /// The corners of every arrow.
    pub(crate) fn routes(
        &self,
        boxes: &[Placed],
        ports: &BTreeMap<Port, i32>,
        gaps: &BTreeMap<(usize, Key), i32>,
        tracks: &BTreeMap<(usize, Key), i32>,
    ) -> Vec<Vec<(i32, i32)>> {
        let at = |port: &Port| {
            let rect = boxes.get(port.node)?.rect;
            let x = if port.side == Side::Left { rect.x } else { rect.right() };
            Some((x, *ports.get(port)?))
        };
        let corners = |way: &Way| {
            let ((x, y), (end_x, end_y)) = (at(&way.from)?, at(&way.to)?);
            let mut corners = vec![(x, y)];
            match way.leg {
                Leg::Channel(channel) => {
                    let track = *tracks.get(&(channel, way.key))?;
                    corners.extend([(track, y), (track, end_y)]);
                }
                Leg::Gap { first, gap, second } => {
                    let (one, other) = (*tracks.get(&(first, way.key))?, *tracks.get(&(second, way.key))?);
                    let line = *gaps.get(&(gap, way.key))?;
                    corners.extend([(one, y), (one, line), (other, line), (other, end_y)]);
                }
            }
            corners.push((end_x, end_y));
            corners.dedup();
            Some(straightened(&corners))
        };
        self.ways.iter().map(|way| corners(way).unwrap_or_default()).collect()
    }
}

/// Corners that are none are left out.
fn straightened(corners: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut kept: Vec<(i32, i32)> = Vec::new();
    for corner in corners {
        if let [.., before, last] = kept.as_slice() {
            let aligned = (before.0 == last.0 && last.0 == corner.0) || (before.1 == last.1 && last.1 == corner.1);
            if aligned {
                kept.pop();
            }
        }
        kept.push(*corner);
    }
    kept
}

/// What a key does in a channel.
#[derive(Debug, Default)]
struct Stretch {
    span: Option<(i32, i32)>,
    left: Vec<i32>,
    right: Vec<i32>,
}

impl Stretch {
    /// What it costs that the other one is to the right: crossings, and above all lines that lie on one another.
    fn beside(&self, other: &Self) -> usize {
        let crosses =
            |height: &i32, span: Option<(i32, i32)>| span.is_some_and(|(low, high)| (low..=high).contains(height));
        let out = self.right.iter().filter(|height| crosses(height, other.span)).count();
        let into = other.left.iter().filter(|height| crosses(height, self.span)).count();
        let on_another = self.right.iter().filter(|height| other.left.contains(height)).count();
        out + into + 1000 * on_another
    }
}
