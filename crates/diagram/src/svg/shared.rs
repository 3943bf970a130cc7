//! Ways that arrows share are drawn once: dashes that lie on dashes look like a line.

/// A point.
type Point = (i32, i32);
/// A line between two points, level or upright.
pub(super) type Line = (Point, Point);

/// The lines of a way.
pub(super) fn lines(way: &[Point]) -> impl Iterator<Item = Line> {
    way.iter().copied().zip(way.iter().skip(1).copied())
}

/// What is left of a way without its start and its end where these are drawn already, and whether its end is one of them.
pub(super) fn without(way: &[Point], drawn: &[Line]) -> (Vec<Point>, bool) {
    let (rest, _) = cut(way, drawn);
    let backwards: Vec<Point> = rest.iter().rev().copied().collect();
    let (mut rest, joined) = cut(&backwards, drawn);
    rest.reverse();
    (rest, joined)
}

/// The way from where it leaves what is drawn.
fn cut(way: &[Point], drawn: &[Line]) -> (Vec<Point>, bool) {
    let mut rest = way.to_vec();
    let mut cut = false;
    while let [start, next, ..] = rest.as_slice() {
        let (start, next) = (*start, *next);
        let Some(end) =
            drawn.iter().filter_map(|line| along(start, next, *line)).max_by_key(|end| distance(start, *end))
        else {
            break;
        };
        cut = true;
        if end == next {
            rest.remove(0);
        } else if let Some(first) = rest.first_mut() {
            *first = end;
            break;
        }
    }
    (rest, cut)
}

/// How far a line goes along one that is drawn, if it starts on it.
fn along(start: Point, next: Point, (one, other): Line) -> Option<Point> {
    let upright = start.0 == next.0;
    let on = |(x, y): Point| if upright { (x, y) } else { (y, x) };
    let (start, next, one, other) = (on(start), on(next), on(one), on(other));
    let (low, high) = (one.1.min(other.1), one.1.max(other.1));
    if one.0 != other.0 || one.0 != start.0 || next.0 != start.0 || !(low..=high).contains(&start.1) {
        return None;
    }
    let end = (start.0, next.1.clamp(low, high));
    (end != start).then(|| on(end))
}

fn distance(one: Point, other: Point) -> i32 {
    (one.0 - other.0).abs() + (one.1 - other.1).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_start_and_a_shared_end_are_left_out() {
        let first = [(0, 0), (10, 0), (10, 50), (30, 50)];
        let drawn: Vec<Line> = lines(&first).collect();
        assert_eq!(
            without(&[(0, 0), (10, 0), (10, 80), (30, 80)], &drawn),
            (vec![(10, 50), (10, 80), (30, 80)], false)
        );
        assert_eq!(without(&[(0, 20), (10, 20), (10, 50), (30, 50)], &drawn), (vec![(0, 20), (10, 20)], true));
        assert_eq!(without(&[(0, 0), (10, 0), (10, 50), (30, 50)], &drawn), (vec![(30, 50)], false), "all of it");
        assert_eq!(without(&[(0, 90), (9, 90), (9, 99)], &drawn), (vec![(0, 90), (9, 90), (9, 99)], false));
    }
}
