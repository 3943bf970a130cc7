//! The document of one stack, as Terraform and the CDKTF CLIs read it.

use std::collections::BTreeMap;

use naming::{Owner, Placement};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Text;
use crate::block::{Address, Mode};

/// Why a stack cannot be written: an error in the declaring code, not in what a user gave.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Two blocks at one address.
    #[error("`{kind}.{id}` is declared twice")]
    Duplicate {
        /// The type of the block.
        kind: &'static str,
        /// Its id.
        id: &'static str,
    },
    /// A body that JSON cannot hold.
    #[error("the body of `{kind}.{id}` cannot be written as JSON")]
    Body {
        /// The type of the block.
        kind: &'static str,
        /// Its id.
        id: &'static str,
        /// What JSON has against it.
        source: serde_json::Error,
    },
}

/// Where Terraform keeps the state of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In a file beside the output directory, at a path relative to the stack's directory, so that every machine writes the same
    /// bytes. Never inside the stack's directory: the CDKTF CLIs delete that with the stack.
    Local {
        /// The way from a stack's working directory to the directory of the states, for example `../../..`.
        directory: String,
    },
    /// In an S3 bucket, one key per stack.
    S3(S3Backend),
}

/// The settings of the backend `s3`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct S3Backend {
    /// The bucket.
    pub bucket: String,
    /// What stands before the stack's name in the key.
    #[serde(skip)]
    pub key_prefix: Option<String>,
    /// The bucket's region.
    pub region: String,
    /// The key that encrypts the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
}

/// What every document of a run shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where states are.
    pub backend: Backend,
}

/// The versions of the AWS provider that the documents are written for: no attribute is used that only one major version has.
pub const AWS_PROVIDER: &str = ">= 5.100.0, < 7.0.0";
/// `use_lockfile` of the S3 backend came with 1.10, in Terraform and in OpenTofu.
const TERRAFORM: &str = ">= 1.10";
/// What the CDKTF CLIs report as the version of the library; they check it nowhere.
pub(crate) const CDKTF_VERSION: &str = "0.21.0";

/// The place of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) mode: Mode,
    pub(crate) kind: &'static str,
    pub(crate) id: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Output {
    pub(crate) description: &'static str,
    pub(crate) value: Text,
}

/// A block's body with what CDKTF and Terraform want beside it.
pub(crate) fn body(body: &impl Serialize, stack: &str, id: &str, depends_on: &[Address]) -> serde_json::Result<Value> {
    let mut body = serde_json::to_value(body)?;
    if let Value::Object(fields) = &mut body {
        fields.insert("//".to_owned(), json!({ "metadata": { "path": format!("{stack}/{id}"), "uniqueId": id } }));
        if !depends_on.is_empty() {
            fields.insert("depends_on".to_owned(), serde_json::to_value(depends_on)?);
        }
    }
    Ok(body)
}

fn backend(settings: &Settings, stack: &str) -> (&'static str, Value) {
    match &settings.backend {
        Backend::Local { directory } => ("local", json!({ "path": format!("{directory}/terraform.{stack}.tfstate") })),
        Backend::S3(s3) => {
            let key = match &s3.key_prefix {
                Some(prefix) => format!("{prefix}/{stack}.tfstate"),
                None => format!("{stack}.tfstate"),
            };
            let mut body =
                json!({ "bucket": s3.bucket, "encrypt": true, "key": key, "region": s3.region, "use_lockfile": true });
            if let (Value::Object(fields), Some(kms_key_id)) = (&mut body, &s3.kms_key_id) {
                fields.insert("kms_key_id".to_owned(), json!(kms_key_id));
            }
            ("s3", body)
        }
    }
}

fn provider(owner: &impl Owner) -> Value {
    let mut provider = json!({ "region": owner.region() });
    if let (Value::Object(fields), Placement::OwnAccount { account_id, assume_role_arn }) =
        (&mut provider, owner.placement())
    {
        fields.insert("allowed_account_ids".to_owned(), json!([account_id]));
        fields.insert(
            "assume_role".to_owned(),
            json!([{ "role_arn": assume_role_arn, "session_name": owner.stack_name() }]),
        );
    }
    json!({ "aws": [provider] })
}

/// The document of an owner whose resources are to go: the provider, the place of the state, and nothing else.
///
/// Terraform destroys what a state records and no document declares. So whatever applies this document tears the owner down, and can
/// make nothing of it anew; and the CDKTF CLIs can still name the stack, which they cannot once it has left the manifest.
pub fn vacant(owner: &impl Owner, settings: &Settings) -> Value {
    assemble(owner, settings, BTreeMap::new(), BTreeMap::new())
}

/// The whole document.
pub(crate) fn assemble(
    owner: &impl Owner,
    settings: &Settings,
    bodies: BTreeMap<At, Value>,
    outputs: BTreeMap<&'static str, Output>,
) -> Value {
    let stack = owner.stack_name();
    let (backend_type, backend_body) = backend(settings, &stack);
    let names: BTreeMap<_, _> = outputs.keys().map(|name| (*name, *name)).collect();
    let mut document = json!({
        "//": {
            "metadata": { "backend": backend_type, "stackName": stack, "version": CDKTF_VERSION },
            "outputs": { &stack: names },
        },
        "provider": provider(owner),
        "terraform": {
            "backend": { backend_type: backend_body },
            "required_providers": { "aws": { "source": "hashicorp/aws", "version": AWS_PROVIDER } },
            "required_version": TERRAFORM,
        },
    });
    // Bodies are moved, not copied: they are most of what a synthesis holds.
    let mut sections: BTreeMap<&str, BTreeMap<&str, Map<String, Value>>> = BTreeMap::new();
    for (at, body) in bodies {
        let section = if at.mode == Mode::Data { "data" } else { "resource" };
        sections.entry(section).or_default().entry(at.kind).or_default().insert(at.id.to_owned(), body);
    }
    if let Value::Object(document) = &mut document {
        if !outputs.is_empty() {
            document.insert("output".to_owned(), json!(outputs));
        }
        for (section, kinds) in sections {
            let kinds = kinds.into_iter().map(|(kind, ids)| (kind.to_owned(), Value::Object(ids)));
            document.insert(section.to_owned(), Value::Object(kinds.collect()));
        }
    }
    document
}
