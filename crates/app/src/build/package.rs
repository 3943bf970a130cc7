//! A zip with one file, the same bytes on every machine: fixed time, mode and order.

use std::io::{self, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;

use crate::file;

/// Packs a binary as `bootstrap`.
pub(super) fn zip(binary: &Path, to: &Path) -> io::Result<()> {
    let bytes = std::fs::read(binary)?;
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o755);
    writer.start_file("bootstrap", options).map_err(io::Error::other)?;
    writer.write_all(&bytes)?;
    let packed = writer.finish().map_err(io::Error::other)?.into_inner();
    file::write(to, &packed)
}
