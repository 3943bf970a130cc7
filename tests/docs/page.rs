//! A page: its blocks of code, links, headings and words in code type.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::support::root;

pub(super) struct Page {
    /// From the project's root.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// A fenced block of code.
#[derive(Debug)]
pub(super) struct Block {
    language: String,
    /// What the comment before it says.
    pub(super) remark: Option<String>,
    /// The line of its first line.
    line: usize,
    /// Where its text is in the page.
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// A command as somebody typed it, on one line, and what followed.
#[derive(Debug)]
pub(super) struct Typed {
    pub(super) text: String,
    pub(super) line: usize,
    /// The lines as they stand in the page.
    pub(super) written: Vec<String>,
    pub(super) output: Vec<String>,
}

/// Every page of the project.
pub(super) fn pages() -> Vec<Page> {
    // What `app init` writes is of another repository.
    let templates = root().join("crates/app/init");
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir()
                && !name.starts_with('.')
                && !["target", "cdktf.out", "node_modules"].contains(&name.as_str())
            {
                walk(&path, found);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.retain(|page| !page.starts_with(&templates));
    found.sort();
    assert!(found.len() > 20, "{found:?}");
    let read = |path: PathBuf| Page {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root()).unwrap().to_owned(),
    };
    found.into_iter().map(read).collect()
}

impl Page {
    fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        Parser::new_ext(&self.text, Options::ENABLE_TABLES).into_offset_iter()
    }

    fn line(&self, offset: usize) -> usize {
        self.text[..offset].matches('\n').count() + 1
    }

    /// Where links and pictures lead.
    pub(super) fn links(&self) -> Vec<(String, usize)> {
        let link = |(event, range): (Event<'_>, Range<usize>)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some((dest_url.into_string(), self.line(range.start)))
            }
            _ => None,
        };
        self.events().filter_map(link).collect()
    }

    /// Words in code type.
    pub(super) fn spans(&self) -> Vec<(String, usize)> {
        let span = |(event, range): (Event<'_>, Range<usize>)| match event {
            Event::Code(text) => Some((text.into_string(), self.line(range.start))),
            _ => None,
        };
        self.events().filter_map(span).collect()
    }

    /// What a link can name after `#`, as GitHub makes it of headings.
    pub(super) fn anchors(&self) -> BTreeSet<String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut anchors = BTreeSet::new();
        let mut heading: Option<String> = None;
        for (event, _) in self.events() {
            match (event, &mut heading) {
                (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
                (Event::Text(text) | Event::Code(text), Some(heading)) => heading.push_str(&text),
                (Event::End(TagEnd::Heading(_)), Some(text)) => {
                    let slug: String = text
                        .to_lowercase()
                        .chars()
                        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
                        .map(|letter| if letter == ' ' { '-' } else { letter })
                        .collect();
                    let count = seen.entry(slug.clone()).or_default();
                    anchors.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
                    *count += 1;
                    heading = None;
                }
                _ => {}
            }
        }
        anchors
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut remark: Option<String> = None;
        let mut open: Option<Block> = None;
        for (event, range) in self.events() {
            match event {
                Event::Html(text) => {
                    let comment = text.trim().strip_prefix("<!--").and_then(|text| text.strip_suffix("-->"));
                    remark = comment.map(|text| text.trim().to_owned());
                }
                Event::End(TagEnd::HtmlBlock) => {}
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    open = Some(Block {
                        language: language.into_string(),
                        remark: remark.take(),
                        line: self.line(range.start) + 1,
                        range: range.start..range.start,
                        text: String::new(),
                    });
                }
                Event::Text(text) => {
                    if let Some(block) = &mut open {
                        if block.text.is_empty() {
                            block.range = range.clone();
                        }
                        block.range.end = range.end;
                        block.text.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                _ => remark = None,
            }
        }
        blocks
    }
}

impl Block {
    /// Prompts, commands and what was said.
    pub(super) fn is_session(&self) -> bool {
        self.language == "console"
    }

    /// Why it is not run, where that is said.
    pub(super) fn not_run(&self) -> Option<&str> {
        self.remark.as_deref().and_then(|remark| remark.strip_prefix("not run: "))
    }

    /// What comes before it, step by step.
    pub(super) fn before(&self) -> Vec<&str> {
        let steps = self.remark.as_deref().and_then(|remark| remark.strip_prefix("before: "));
        steps.into_iter().flat_map(|steps| steps.split("; ")).collect()
    }

    /// Whether it is a session with the program that shows something of what is said. A mere list of commands is not run.
    pub(super) fn can_be_run(&self) -> bool {
        let typed = self.typed();
        let program = |typed: &Typed| typed.text.starts_with("app ") || typed.text.starts_with("cargo run -p app");
        let shows = typed.iter().any(|typed| !typed.output.is_empty());
        self.is_session() && self.not_run().is_none() && shows && typed.first().is_some_and(program)
    }

    /// The commands; in a script every line is one.
    pub(super) fn typed(&self) -> Vec<Typed> {
        let mut all: Vec<Typed> = Vec::new();
        if !["console", "sh"].contains(&self.language.as_str()) {
            return all;
        }
        let mut goes_on = false;
        for (number, line) in self.text.lines().enumerate() {
            let (begins, continues) = if self.is_session() {
                (line.strip_prefix("$ "), line.strip_prefix("> "))
            } else {
                (Some(line.trim()).filter(|line| !line.is_empty() && !line.starts_with('#')), None)
            };
            let (part, new) = match (goes_on, begins, continues) {
                (true, _, _) => (line, false),
                (false, Some(part), _) => (part, true),
                (false, None, Some(part)) if all.last().is_some_and(|last| last.output.is_empty()) => (part, false),
                _ => {
                    if let Some(last) = all.last_mut() {
                        last.output.push(line.to_owned());
                    }
                    continue;
                }
            };
            goes_on = part.ends_with('\\');
            let part = part.trim_end_matches('\\').trim();
            if new {
                all.push(Typed {
                    text: String::new(),
                    line: self.line + number,
                    written: Vec::new(),
                    output: Vec::new(),
                });
            }
            if let Some(last) = all.last_mut() {
                let gap = if last.text.is_empty() { "" } else { " " };
                last.text.push_str(&format!("{gap}{part}"));
                last.written.push(line.to_owned());
            }
        }
        all
    }
}

#[test]
fn commands_are_told_from_what_they_say() {
    let text = "Words.\n\n<!-- before: a; b -->\n```console\n$ app explain \\\n    --action x\ndenied\n$ app list\n\n$ for x in y; do\n>   app z; done\n```\n\n\
                <!-- not run: why -->\n```console\n$ app deploy\n```\n\nMore.\n\n```sh\n# nothing\napp list  # a word\n```\n";
    let page = Page { path: PathBuf::from("a.md"), text: text.to_owned() };
    let blocks = page.blocks();
    let typed = |at: usize| -> Vec<(String, usize, Vec<String>)> {
        blocks[at].typed().into_iter().map(|typed| (typed.text, typed.line, typed.output)).collect()
    };
    assert_eq!(
        typed(0),
        [
            ("app explain --action x".to_owned(), 5, vec!["denied".to_owned()]),
            ("app list".to_owned(), 8, vec![String::new()]),
            ("for x in y; do app z; done".to_owned(), 10, Vec::new()),
        ]
    );
    assert_eq!((blocks[0].before(), blocks[0].can_be_run()), (vec!["a", "b"], true));
    assert_eq!((blocks[1].not_run(), blocks[1].can_be_run()), (Some("why"), false));
    assert_eq!((typed(2).len(), blocks[2].before(), blocks[2].can_be_run()), (1, Vec::new(), false));
    assert_eq!(&page.text[blocks[1].range.clone()], "$ app deploy\n");
}
