//! Errors as Terraform writes them for people: of commands without `-json`, and of a command line or a CLI configuration that is wrong.

use crate::message::Diagnostic;

/// The errors in a text.
pub(super) fn errors<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<Diagnostic> {
    let mut errors: Vec<Diagnostic> = Vec::new();
    let mut open = false;
    for line in lines {
        let line = line.trim_start_matches(['╷', '│', '╵']).trim();
        if let Some(summary) = line.strip_prefix("Error: ") {
            errors.push(Diagnostic::error(summary, ""));
            open = true;
        } else if line.starts_with("Warning: ") {
            open = false;
        } else if let (true, Some(last)) = (open, errors.last_mut()) {
            if let Some(address) = line.strip_prefix("with ").and_then(|rest| rest.strip_suffix(','))
                && last.address.is_none()
                && !address.contains(' ')
            {
                last.address = Some(address.to_owned());
            } else {
                last.detail.push_str(line);
                last.detail.push('\n');
            }
        }
    }
    for error in &mut errors {
        error.detail = error.detail.trim().to_owned();
    }
    errors
}
