//! The pictures in README and docs show the example fleet as it is now. `UPDATE_GOLDEN=1 cargo test -p tests pictures` draws them anew,
//! `docs/pictures/record` those of the terminal and of the report.

use std::path::PathBuf;

use crate::support::app::{app, project};
use crate::support::{root, setting};

/// Each picture: the file that has it, and what draws it. A file of Markdown has it as the flowchart below the line that names the command.
const PICTURES: &[(&str, &[&str])] = &[
    ("docs/pictures/tenant.svg", &["diagram", "--tenant", "acme-corp"]),
    ("docs/pictures/fleet.svg", &["diagram"]),
    ("docs/architecture.md", &["diagram", "--tenant", "acme-corp", "--format", "mermaid"]),
    ("docs/architecture.md", &["diagram", "--format", "mermaid"]),
];

/// What `docs/pictures/record` makes; a page has all of it.
const RECORDED: [&str; 2] = ["docs/pictures/sandbox.svg", "docs/pictures/report.png"];

const FENCE: &str = "```mermaid\n";

/// A text with the flowchart below a command's line replaced.
fn with_flowchart(text: &str, command: &str, flowchart: &str) -> Option<String> {
    let mark = format!("<!-- {command} -->\n{FENCE}");
    let begin = text.find(&mark)? + mark.len();
    let end = begin + text[begin..].find("```\n")?;
    Some(format!("{}{flowchart}{}", &text[..begin], &text[end..]))
}

#[test]
fn pictures_show_the_example_fleet_as_it_is() {
    let dir = project();
    let mut stale = Vec::new();
    for (file, arguments) in PICTURES {
        let command = format!("app {}", arguments.join(" "));
        let drawn = app(dir.path(), arguments).done(&command);
        assert_eq!(drawn.stderr, "", "{command}");
        let path: PathBuf = root().join(file);
        let present = std::fs::read_to_string(&path).unwrap_or_default();
        let wanted = if file.ends_with(".svg") {
            drawn.stdout
        } else {
            let renewed = with_flowchart(&present, &command, &drawn.stdout);
            renewed.unwrap_or_else(|| panic!("{file} has no flowchart below a line `<!-- {command} -->`"))
        };
        if present == wanted {
            continue;
        }
        if setting("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, wanted).unwrap();
        } else {
            stale.push(format!("{file} is not what `{command}` draws"));
        }
    }
    assert!(stale.is_empty(), "{}\nDraw them anew: UPDATE_GOLDEN=1 cargo test -p tests pictures", stale.join("\n"));
}

/// The recording is not the same twice, but what the program says of the fleet is in it, times aside.
#[test]
fn the_recorded_terminal_shows_what_the_program_says() {
    let picture = std::fs::read_to_string(root().join(RECORDED[0])).unwrap();
    let shown = text(&picture);
    let said = app(project().path(), &[]).done("app").stdout;
    let fleet = said.lines().filter(|line| !line.starts_with("warning"));
    let cells = fleet.flat_map(|line| line.split("  ")).map(str::trim);
    // How long it took, and how many files were there before, is another thing each time.
    let lasting = cells.filter(|cell| !cell.is_empty() && !cell.contains("files changed"));
    let missing: Vec<&str> = lasting.filter(|cell| !shown.contains(&cell.replace(' ', ""))).collect();
    assert!(missing.is_empty(), "{} does not show {missing:?}\nRecord it anew: docs/pictures/record", RECORDED[0]);
}

/// The words of an SVG, without spaces, which a terminal's picture has in another way.
fn text(svg: &str) -> String {
    let parts = svg.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    let plain = parts.collect::<String>().replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&");
    plain.split(['\u{a0}', ' ', '\n']).collect()
}

/// A picture that no page shows is forgotten, and a page that shows a missing one is broken.
#[test]
fn every_picture_is_shown_somewhere_and_made_by_the_program() {
    let pages = ["README.md", "docs/architecture.md", "docs/isolation.md"];
    let text: String = pages.iter().map(|page| std::fs::read_to_string(root().join(page)).unwrap()).collect();
    for entry in std::fs::read_dir(root().join("docs/pictures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let file = format!("docs/pictures/{name}");
        if name == "record" {
            continue;
        }
        let is_drawn = PICTURES.iter().any(|(picture, _)| *picture == file);
        assert!(is_drawn || RECORDED.contains(&file.as_str()), "nothing draws {file}");
        assert!(text.contains(&format!("pictures/{name})")), "no page shows {file}");
    }
}
