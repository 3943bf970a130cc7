//! What is known of each stack of a run, and how it reads: as a screen of lines, or as one line after the other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use runner::{Action, Changes, Class, Event, Outcome, Phase, Stage, Status, Waiting};

use crate::fleet::words;

/// A name is not cut below this; a longer one widens the column up to here.
const LONGEST_NAME: usize = 48;

/// The stacks of a run.
#[derive(Debug)]
pub(crate) struct Board {
    rows: BTreeMap<String, Row>,
    /// In the order in which stacks had their first turn.
    started: Vec<String>,
    width: usize,
    began: Instant,
    /// What is done, in one word.
    what: &'static str,
}

/// One stack.
#[derive(Debug, Default)]
struct Row {
    phase: Option<Phase>,
    /// The phase that was begun when Terraform asked for `init` first.
    interrupted: Option<Phase>,
    began: Option<Instant>,
    planned: Option<Changes>,
    /// What a plan that was saved will do: applying it does not say so again.
    expected: Option<Changes>,
    done: u32,
    /// What was begun and is not over, with since when.
    going: BTreeMap<String, (Action, Instant)>,
    waiting: Option<Wait>,
    result: Option<Result>,
    /// What was last said of how far it is, in quarters.
    told: u32,
}

#[derive(Debug)]
struct Wait {
    on: Waiting,
    until: Option<Instant>,
    because: Option<Class>,
}

#[derive(Debug)]
struct Result {
    status: Status,
    text: String,
}

/// A line of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) mood: Mood,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Plain,
    Good,
    Careful,
    Bad,
    Dim,
}

impl Board {
    pub(crate) fn new<'a>(what: &'static str, stacks: impl IntoIterator<Item = &'a str>, now: Instant) -> Self {
        let rows: BTreeMap<String, Row> = stacks.into_iter().map(|stack| (stack.to_owned(), Row::default())).collect();
        let width = rows.keys().map(|stack| stack.chars().count()).max().unwrap_or(0).min(LONGEST_NAME);
        Self { rows, started: Vec::new(), width, began: now, what }
    }

    /// What a plan that was saved will do.
    pub(crate) fn expect(&mut self, stack: &str, changes: Changes) {
        self.rows.entry(stack.to_owned()).or_default().expected = Some(changes);
    }

    /// Takes note of an event.
    pub(crate) fn take(&mut self, stack: &str, event: &Event, now: Instant) {
        let row = self.rows.entry(stack.to_owned()).or_default();
        let begins = !matches!(event, Event::Waiting(Waiting::Slot) | Event::Finished(_) | Event::Note(_));
        if begins && row.began.is_none() {
            row.began = Some(now);
            self.started.push(stack.to_owned());
        }
        row.take(event, now);
    }

    /// The screen: a line for each stack where they fit, else for those that run, and a line that counts.
    pub(crate) fn screen(&self, height: usize, width: usize, now: Instant) -> Vec<Line> {
        let room = height.saturating_sub(2).max(1);
        let mut lines: Vec<Line> = if self.rows.len() <= room {
            self.rows.iter().map(|(stack, row)| self.line(stack, row, now)).collect()
        } else {
            let running = self.started.iter().filter_map(|stack| self.rows.get_key_value(stack));
            let running = running.filter(|(_, row)| row.result.is_none());
            running.take(room).map(|(stack, row)| self.line(stack, row, now)).collect()
        };
        lines.push(self.count(now));
        for line in &mut lines {
            line.text = cut(&line.text, width);
        }
        lines
    }

    fn line(&self, stack: &str, row: &Row, now: Instant) -> Line {
        let name = cut(stack, LONGEST_NAME);
        let start = |word: &str| format!("{name:<0$}  {word:<9}", self.width);
        if let Some(result) = &row.result {
            let mood = words::mood(result.status);
            if row.phase == Some(Phase::Health) && result.status.is_good() {
                return Line { text: start(words::WELL).trim_end().to_owned(), mood: Mood::Good };
            }
            return Line {
                text: format!("{}  {}", start(words::status(result.status)), result.text).trim_end().to_owned(),
                mood,
            };
        }
        let Some(began) = row.began else {
            return Line { text: start("-").trim_end().to_owned(), mood: Mood::Dim };
        };
        let phase = row.phase.map_or("start", words::phase);
        let elapsed = clock(now.saturating_duration_since(began));
        let doing = row.doing(now);
        let text = format!("{}  {:>7}  {elapsed:>6}  {doing}", start(phase), row.counted());
        let mood = if row.waiting.is_some() { Mood::Careful } else { Mood::Plain };
        Line { text: text.trim_end().to_owned(), mood }
    }

    fn count(&self, now: Instant) -> Line {
        let (mut good, mut bad, mut running, mut waiting, mut to_come) = (0, 0, 0, 0, 0);
        for row in self.rows.values() {
            match (&row.result, row.began, &row.waiting) {
                (Some(result), ..) if result.status.is_good() => good += 1,
                (Some(_), ..) => bad += 1,
                (None, None, _) => to_come += 1,
                (None, Some(_), Some(Wait { on: Waiting::Backoff { .. } | Waiting::Slot, .. })) => waiting += 1,
                (None, Some(_), _) => running += 1,
            }
        }
        let parts = [(bad, "failed"), (running, "running"), (waiting, "to be tried again"), (to_come, "to come")];
        let parts: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        let all = self.rows.len();
        let elapsed = clock(now.saturating_duration_since(self.began));
        let done = format!("{}  {good} of {all} done", self.what);
        let text = [vec![done], parts, vec![elapsed]].concat().join(", ");
        Line { text, mood: if bad > 0 { Mood::Bad } else { Mood::Dim } }
    }

    /// What an event says where there is no terminal: one line, or nothing where it says nothing new. Also takes note of it.
    pub(crate) fn tell(&mut self, stack: &str, event: &Event, verbose: bool, now: Instant) -> Option<String> {
        let before = self.rows.get(stack).and_then(|row| row.waiting.as_ref()).map(|wait| wait.on.clone());
        self.take(stack, event, now);
        let width = self.width;
        let row = self.rows.get_mut(stack)?;
        let line = |word: &str, rest: String| Some(format!("{stack:<width$}  {word:<9}  {rest}").trim_end().to_owned());
        let phase = row.phase.map_or("start", words::phase);
        match event {
            Event::Phase(phase) => line(words::phase(*phase), String::new()),
            Event::Planned(changes) => line(phase, words::plan(*changes)),
            Event::Waiting(Waiting::Slot) => None,
            Event::Waiting(waiting) if before.as_ref() == Some(waiting) => None,
            Event::Waiting(Waiting::Backoff { .. }) => None,
            Event::Waiting(waiting) => line("waits", words::waiting(waiting).trim_start_matches("waits ").to_owned()),
            Event::Resource { address, action, stage: stage @ (Stage::Done | Stage::Failed) } => {
                let (quarter, counted) = (row.quarter(), row.counted());
                if verbose {
                    let how = if *stage == Stage::Done { words::done(*action) } else { "failed" };
                    line(phase, format!("{counted:>7}  {address} {how}"))
                } else if quarter > row.told {
                    row.told = quarter;
                    line(phase, counted)
                } else {
                    None
                }
            }
            Event::Resource { .. } => None,
            Event::Retry { failure, attempt, pause } => line(
                "again",
                format!(
                    "attempt {attempt} in {}: {}: {}",
                    words::pause(*pause),
                    words::class(failure.class),
                    failure.cause
                ),
            ),
            Event::Note(text) => line("note", text.clone()),
            Event::Finished(outcome) if phase == words::phase(Phase::Health) && outcome.status.is_good() => {
                line(words::WELL, String::new())
            }
            Event::Finished(outcome) => line(words::status(outcome.status), words::result(outcome)),
        }
    }
}

impl Row {
    fn take(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Waiting(on) => {
                let until = match on {
                    Waiting::Backoff { pause } => Some(now + *pause),
                    _ => None,
                };
                let because = self.waiting.take().and_then(|wait| wait.because);
                self.waiting = Some(Wait { on: on.clone(), until, because });
            }
            Event::Phase(phase) => {
                self.interrupted = self.phase.filter(|_| *phase == Phase::Init);
                self.phase = Some(*phase);
                self.waiting = None;
                self.planned = None;
                self.done = 0;
                self.told = 0;
                self.going.clear();
            }
            Event::Planned(changes) => {
                self.goes_on();
                self.planned = Some(*changes);
            }
            Event::Resource { action: Action::Read, .. } => self.stops_waiting(None),
            Event::Resource { address, action, stage } => {
                self.goes_on();
                match stage {
                    Stage::Started => {
                        self.going.insert(address.clone(), (*action, now));
                    }
                    Stage::Going { elapsed } => {
                        let since = now.checked_sub(*elapsed).unwrap_or(now);
                        self.going.entry(address.clone()).or_insert((*action, since));
                    }
                    Stage::Done => {
                        self.going.remove(address);
                        self.done += 1;
                    }
                    Stage::Failed => {
                        self.going.remove(address);
                    }
                }
                self.stops_waiting(Some((address, stage)));
            }
            Event::Retry { failure, pause, .. } => {
                self.going.clear();
                self.waiting = Some(Wait {
                    on: Waiting::Backoff { pause: *pause },
                    until: Some(now + *pause),
                    because: Some(failure.class),
                });
            }
            Event::Note(_) => {}
            Event::Finished(outcome) => self.finish(outcome),
        }
    }

    /// `init` plans nothing and touches no resource: the phase before it goes on.
    fn goes_on(&mut self) {
        if let Some(phase) = self.interrupted.take() {
            self.phase = Some(phase);
        }
    }

    /// Something goes on: what was waited for is over, but for network interfaces, which one resource waits for and not the stack.
    fn stops_waiting(&mut self, of: Option<(&String, &Stage)>) {
        let over = match (&self.waiting, of) {
            (Some(Wait { on: Waiting::NetworkInterfaces { address }, .. }), Some((other, stage))) => {
                address == other && matches!(stage, Stage::Done | Stage::Failed)
            }
            (Some(Wait { on: Waiting::NetworkInterfaces { .. }, .. }), None) => false,
            _ => true,
        };
        if over {
            self.waiting = None;
        }
    }

    fn finish(&mut self, outcome: &Outcome) {
        self.waiting = None;
        self.going.clear();
        self.result = Some(Result { status: outcome.status, text: words::result(outcome) });
    }

    fn total(&self) -> u32 {
        let mutates = matches!(self.phase, Some(Phase::Apply | Phase::Destroy));
        let expected = self.expected.filter(|_| mutates);
        self.planned.or(expected).map_or(0, |changes| changes.add + changes.change + changes.remove + changes.import)
    }

    /// `12/65`, or how many where it is not known of how many.
    fn counted(&self) -> String {
        match (self.done, self.total()) {
            (0, 0) => String::new(),
            (done, 0) => done.to_string(),
            (done, total) => format!("{done}/{total}"),
        }
    }

    fn quarter(&self) -> u32 {
        match self.total() {
            0 => self.done / 25,
            total => self.done * 4 / total,
        }
    }

    /// What it waits for, else the resource that takes longest.
    fn doing(&self, now: Instant) -> String {
        if let Some(wait) = &self.waiting {
            return match (&wait.until, wait.because) {
                (Some(until), because) => {
                    let left = words::pause(until.saturating_duration_since(now));
                    let because = because.map(|class| format!(" ({})", words::class(class))).unwrap_or_default();
                    format!("tries again in {left}{because}")
                }
                (None, _) => words::waiting(&wait.on),
            };
        }
        let longest = self.going.iter().min_by_key(|(address, (_, since))| (*since, (*address).clone()));
        longest.map(|(address, (action, _))| format!("{} {address}", words::doing(*action))).unwrap_or_default()
    }
}

/// `0:07`, `12:40`, `1:02:03`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A text in so many columns.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}
