//! Where Terraform keeps the states of a fleet.

use super::Override;
use super::error::{FleetError, Problem};
use super::json::{self, Node};
use super::reader::{Reader, shown};
use crate::Region;

/// Where Terraform keeps states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In files beside the output directory.
    Local,
    /// In an S3 bucket, locked by a file beside each state.
    S3(S3Backend),
}

/// An S3 bucket of states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Backend {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// What stands before a stack's name in the key of its state.
    pub key_prefix: Option<String>,
    /// The id, alias or ARN of the key that encrypts states.
    pub kms_key_id: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Local,
    S3,
}

const FIELDS: &[&str] = &["type", "bucket", "region", "key_prefix", "kms_key_id"];

/// The backend from its override, else from the file, else local.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    given: &Option<Override>,
    region: Option<&Region>,
) -> Option<Backend> {
    let from_file = match node {
        Some(node) => backend(reader, node, region),
        None => Some(Backend::Local),
    };
    let Some(given) = given else { return from_file };
    let mut inner = Reader::new(&given.value, &given.source);
    let backend = match json::parse(&given.value) {
        Ok(node) => backend(&mut inner, &node, region),
        Err((at, error)) => {
            inner.error(at, "backend", Problem::Syntax(error));
            None
        }
    };
    // A place in a text that nobody sees as a file helps nobody.
    reader.errors.extend(inner.errors.into_iter().map(|error| FleetError { location: None, ..error }));
    backend
}

fn backend(reader: &mut Reader<'_>, node: &Node, region: Option<&Region>) -> Option<Backend> {
    let fields = reader.object(node, "backend", FIELDS)?;
    let kind = reader.required(node, &fields, "backend", "type")?;
    match reader.one_of(kind, "backend.type", &[("local", Kind::Local), ("s3", Kind::S3)])? {
        Kind::Local => {
            for name in ["bucket", "region", "key_prefix", "kms_key_id"] {
                if let Some(member) = fields.get(name) {
                    let known = "`type`".to_owned();
                    reader.error(
                        member.at,
                        "backend",
                        Problem::UnknownField { name: name.to_owned(), nearest: None, known },
                    );
                }
            }
            Some(Backend::Local)
        }
        Kind::S3 => {
            let bucket = reader.required(node, &fields, "backend", "bucket").and_then(|node| bucket_name(reader, node));
            let own_region = match fields.get("region") {
                Some(member) => reader.parsed(&member.node, "backend.region"),
                None => region.cloned(),
            };
            let mut optional = |name: &'static str, what| match fields.get(name) {
                Some(member) => plain(reader, &member.node, &format!("backend.{name}"), what).map(Some),
                None => Some(None),
            };
            let (key_prefix, kms_key_id) = (optional("key_prefix", "key"), optional("kms_key_id", "key id"));
            Some(Backend::S3(S3Backend {
                bucket: bucket?,
                region: own_region?,
                key_prefix: key_prefix?,
                kms_key_id: kms_key_id?,
            }))
        }
    }
}

fn bucket_name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let given = reader.text(node, "backend.bucket")?;
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    let legal = (3..=63).contains(&given.len())
        && edge(given.chars().next())
        && edge(given.chars().last())
        && given.chars().all(inner);
    if !legal {
        reader.error(node.at, "backend.bucket", Problem::BucketName { given: shown(given) });
    }
    legal.then(|| given.to_owned())
}

fn plain(reader: &mut Reader<'_>, node: &Node, field: &str, what: &'static str) -> Option<String> {
    let given = reader.text(node, field)?;
    let legal = !given.is_empty()
        && given.len() <= 512
        && given.chars().all(|c| c.is_ascii_alphanumeric() || "_.:/=+@-".contains(c));
    if !legal {
        reader.error(node.at, field, Problem::PlainText { given: shown(given), what });
    }
    legal.then(|| given.to_owned())
}
