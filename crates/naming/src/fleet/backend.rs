//! Where Terraform keeps the states of a fleet.

use super::Override;
use super::error::FleetError;
use super::json::{self, Node};
use super::position::Positions;
use super::problem::Problem;
use super::reader::Reader;
pub use super::s3::{BucketNameError, KeyPrefixError, KmsKeyIdError};
use super::s3::{bucket_name, key_prefix, kms_key_id};
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
    /// Its region: where nothing is said, the region of the fleet.
    pub region: Region,
    /// What stands before a stack's name in the key of its state, without a slash at either end.
    pub key_prefix: Option<String>,
    /// The id, alias or ARN of the key that encrypts states.
    pub kms_key_id: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Local,
    S3,
}

const TYPES: &[&str] = &["local", "s3"];
const LOCAL_FIELDS: &[&str] = &["type"];
const FIELDS: &[&str] = &["type", "bucket", "region", "key_prefix", "kms_key_id"];

/// The backend from its override, else from the file, else local.
pub(super) fn read(
    reader: &mut Reader<'_>,
    node: Option<&Node<'_>>,
    given: &Option<Override>,
    region: Option<&Region>,
) -> Option<Backend> {
    let from_file = match node {
        Some(node) => backend(reader, node, region),
        None => Some(Backend::Local),
    };
    let Some(Override { value, source }) = given else { return from_file };
    let positions = Positions::new(value.as_bytes());
    let mut inner = Reader::new(source, &positions);
    let parsed = json::parse(value, &positions);
    for (at, error) in parsed.errors {
        inner.error(at, "", error);
    }
    let backend = parsed.root.as_ref().and_then(|node| backend(&mut inner, node, region));
    // A place in a text that nobody sees as a file helps nobody.
    for error in inner.finish().errors {
        reader.push(FleetError { location: None, ..error });
    }
    backend
}

fn backend(reader: &mut Reader<'_>, node: &Node<'_>, region: Option<&Region>) -> Option<Backend> {
    // Which fields are known depends on the type, so it is looked at first.
    let local = node.field("type").is_some_and(|kind| kind.is_text("local"));
    let fields = reader.object(node, "backend", if local { LOCAL_FIELDS } else { FIELDS })?;
    let kind = reader.required(node, &fields, "backend", ("type", r#""local""#))?;
    match reader.one_of(kind, "backend.type", TYPES, &[Kind::Local, Kind::S3])? {
        Kind::Local => Some(Backend::Local),
        Kind::S3 => {
            let bucket = reader
                .required(node, &fields, "backend", ("bucket", r#""my-terraform-states""#))
                .and_then(|node| checked(reader, node, "backend.bucket", bucket_name));
            let own_region = match fields.get("region") {
                Some(member) => reader.parsed(&member.node, "backend.region"),
                None => region.cloned(),
            };
            let key_prefix = match fields.get("key_prefix") {
                Some(member) => checked(reader, &member.node, "backend.key_prefix", key_prefix).map(Some),
                None => Some(None),
            };
            let kms_key_id = match fields.get("kms_key_id") {
                Some(member) => checked(reader, &member.node, "backend.kms_key_id", kms_key_id).map(Some),
                None => Some(None),
            };
            Some(Backend::S3(S3Backend {
                bucket: bucket?,
                region: own_region?,
                key_prefix: key_prefix?,
                kms_key_id: kms_key_id?,
            }))
        }
    }
}

/// A text that passes a check.
fn checked<E: Into<Problem>>(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    field: &str,
    check: impl Fn(&str) -> Result<(), E>,
) -> Option<String> {
    let given = reader.text(node, field)?;
    match check(given) {
        Ok(()) => Some(given.to_owned()),
        Err(problem) => {
            reader.error(node.at, field, problem);
            None
        }
    }
}
