//! A state that Terraform could write nowhere but into what it says.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::private;

/// A state is larger than this only by mistake; it has to fit into the memory once.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    state: Option<&'a RawValue>,
}

/// Writes the state in a log to a file, if there is one in it; tells where. A file that is there already stays: then it is another one.
pub(super) fn rescue(log: &Path, to: &Path) -> io::Result<Option<PathBuf>> {
    let mut reader = BufReader::new(File::open(log)?);
    let mut line = Vec::new();
    let mut rescued = None;
    loop {
        line.clear();
        if reader.by_ref().take(LARGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(rescued);
        }
        let Some(state) =
            serde_json::from_slice::<Line>(&line).ok().filter(|line| line.kind == "log").and_then(|line| line.state)
        else {
            continue;
        };
        let numbered = |number| to.with_extension(format!("{number}.tfstate"));
        let mut places = std::iter::once(to.to_owned()).chain((2_u32..).map(numbered));
        let place = places.find(|place| !place.exists()).unwrap_or_else(|| to.to_owned());
        private::durable(&place, state.get().as_bytes(), true)?;
        rescued = Some(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_copy_of_a_state_is_saved_from_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let (log, to) = (dir.path().join("apply.log.raw"), dir.path().join("errored.tfstate"));
        let state = r#"{"version":4,"serial":7,"resources":[]}"#;
        let dump = format!(r#"{{"@level":"info","@message":"Emergency state dump","type":"log","state":{state}}}"#);
        std::fs::write(&log, format!("garbage\n{{\"type\":\"log\"}}\n{dump}\n")).unwrap();
        assert_eq!(rescue(&log, &to).unwrap().as_deref(), Some(to.as_path()));
        assert_eq!(std::fs::read_to_string(&to).unwrap(), state);
        let second = rescue(&log, &to).unwrap().unwrap();
        assert_eq!(second.file_name().unwrap(), "errored.2.tfstate");
        std::fs::write(&log, "garbage\n").unwrap();
        assert_eq!(rescue(&log, &to).unwrap(), None);
    }
}
