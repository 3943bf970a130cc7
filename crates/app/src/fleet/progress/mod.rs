//! What people see while it runs: one line for each stack on a terminal, and lines that can be searched where there is none. All of it
//! goes to stderr; the result goes to stdout when it is over.

mod board;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anstyle::Style;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use runner::{Changes, Event, Interrupt, Observer};

pub(crate) use board::Mood;
use board::{Board, Line};

use crate::show::{BAD, CAREFUL, DIM, GOOD};

/// How often the screen is drawn anew. Events only take note of what they say, so that a fleet costs no more than one stack.
const REDRAW: Duration = Duration::from_millis(200);

/// Tells of a run as it goes.
pub(crate) struct Progress {
    shared: Arc<Shared>,
    verbose: bool,
    drawer: Option<JoinHandle<()>>,
}

struct Shared {
    board: Mutex<Board>,
    out: Out,
    over: AtomicBool,
}

enum Out {
    /// A terminal, and its height and width.
    Screen {
        screen: MultiProgress,
        bars: Mutex<Vec<ProgressBar>>,
        size: Box<dyn Fn() -> (usize, usize) + Send + Sync>,
        colour: bool,
    },
    /// Anything else: a line after the other.
    Lines(Mutex<Box<dyn Write + Send>>),
}

impl Progress {
    /// On stderr: a screen where that is a terminal.
    pub(crate) fn on_stderr<'a>(what: &'static str, stacks: impl IntoIterator<Item = &'a str>, verbose: bool) -> Self {
        let terminal = console::Term::stderr();
        let board = Board::new(what, stacks, Instant::now());
        if !terminal.features().is_attended() {
            return Self::new(board, Out::Lines(Mutex::new(Box::new(std::io::stderr()))), verbose);
        }
        let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        let size = move || {
            let (height, width) = terminal.size();
            (usize::from(height), usize::from(width))
        };
        let target = ProgressDrawTarget::stderr_with_hz(10);
        Self::new(board, Out::screen(target, Box::new(size), colour), verbose)
    }

    /// What a plan that was saved will do to a stack.
    pub(crate) fn expect(&self, stack: &str, changes: Changes) {
        lock(&self.shared.board).expect(stack, changes);
    }

    fn new(board: Board, out: Out, verbose: bool) -> Self {
        let shared = Arc::new(Shared { board: Mutex::new(board), out, over: AtomicBool::new(false) });
        let drawer = match shared.out {
            Out::Lines(_) => None,
            Out::Screen { .. } => {
                let shared = Arc::clone(&shared);
                let draw = move || {
                    while !shared.over.load(Ordering::SeqCst) {
                        shared.draw(Instant::now());
                        thread::park_timeout(REDRAW);
                    }
                };
                // Without it the screen stands still, and the run goes on.
                thread::Builder::new().name("progress".to_owned()).spawn(draw).ok()
            }
        };
        Self { shared, verbose, drawer }
    }
}

/// The screen is cleared: the table of results takes its place.
impl Drop for Progress {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            let _ = drawer.join();
        }
        if let Out::Screen { screen, bars, .. } = &self.shared.out {
            lock(bars).drain(..).for_each(|bar| bar.finish_and_clear());
            let _ = screen.clear();
        }
    }
}

impl Observer for Progress {
    fn event(&self, stack: &str, event: &Event) {
        let now = Instant::now();
        let mut board = lock(&self.shared.board);
        match &self.shared.out {
            // The lock is held while the line is written, so that lines come in the order of events.
            Out::Lines(out) => {
                if let Some(line) = board.tell(stack, event, self.verbose, now) {
                    write_line(out, &line);
                }
            }
            Out::Screen { .. } => {
                let stays = match event {
                    Event::Note(_) => board.tell(stack, event, self.verbose, now),
                    Event::Resource { .. } if self.verbose => board.tell(stack, event, true, now),
                    _ => {
                        board.take(stack, event, now);
                        None
                    }
                };
                drop(board);
                if let Some(line) = stays {
                    self.shared.say(&line);
                }
            }
        }
    }

    fn interrupted(&self, requests: u32, running: &[String]) {
        let text = match requests {
            1 => Interrupt::AFTER_FIRST,
            _ => Interrupt::AFTER_SECOND,
        };
        self.shared.say(text);
        if !running.is_empty() {
            self.shared.say(&format!("still running: {}", crate::fleet::words::listed(running, 8)));
        }
    }
}

impl Out {
    fn screen(target: ProgressDrawTarget, size: Box<dyn Fn() -> (usize, usize) + Send + Sync>, colour: bool) -> Self {
        Self::Screen { screen: MultiProgress::with_draw_target(target), bars: Mutex::default(), size, colour }
    }
}

impl Shared {
    fn say(&self, text: &str) {
        match &self.out {
            Out::Lines(out) => write_line(out, text),
            Out::Screen { screen, .. } => {
                let _ = screen.println(text);
            }
        }
    }

    fn draw(&self, now: Instant) {
        let Out::Screen { screen, bars, size, colour } = &self.out else { return };
        let (height, width) = size();
        let lines = lock(&self.board).screen(height, width.saturating_sub(1), now);
        let mut bars = lock(bars);
        while bars.len() > lines.len() {
            if let Some(bar) = bars.pop() {
                bar.finish_and_clear();
                screen.remove(&bar);
            }
        }
        let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        while bars.len() < lines.len() {
            bars.push(screen.add(ProgressBar::no_length().with_style(style.clone())));
        }
        for (bar, line) in bars.iter().zip(lines) {
            bar.set_message(if *colour { coloured(&line) } else { line.text });
        }
    }
}

fn coloured(line: &Line) -> String {
    let style = match line.mood {
        Mood::Plain => Style::new(),
        Mood::Good => GOOD,
        Mood::Careful => CAREFUL,
        Mood::Bad => BAD,
        Mood::Dim => DIM,
    };
    format!("{style}{}{style:#}", line.text)
}

/// One write for each line, so that lines of several programs don't mix. Nobody to tell where stderr is closed.
fn write_line(out: &Mutex<Box<dyn Write + Send>>, line: &str) {
    let _ = lock(out).write_all(format!("{line}\n").as_bytes());
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
