//! The pictures in README and docs show the example fleet as it is now. `UPDATE_GOLDEN=1 cargo test -p tests pictures` draws them anew.

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

/// A picture that no page shows is forgotten, and a page that shows a missing one is broken.
#[test]
fn every_picture_is_shown_somewhere_and_drawn_by_the_program() {
    let pages = ["README.md", "docs/architecture.md", "docs/isolation.md"];
    let text: String = pages.iter().map(|page| std::fs::read_to_string(root().join(page)).unwrap()).collect();
    for entry in std::fs::read_dir(root().join("docs/pictures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let file = format!("docs/pictures/{name}");
        assert!(PICTURES.iter().any(|(picture, _)| *picture == file), "nothing draws {file}");
        assert!(text.contains(&format!("pictures/{name})")), "no page shows {file}");
    }
}
