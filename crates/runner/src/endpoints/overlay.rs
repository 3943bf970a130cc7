//! The override file beside a stack's document.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::services::Service;
use super::{Credentials, Endpoints, OverlayError, Session};
use crate::private;

/// The name of the file.
pub const FILE_NAME: &str = "palisade_endpoints_override.tf.json";

/// Where it is written before it is renamed; Terraform passes hidden files by.
const STAGED: &str = ".palisade_endpoints_override.tf.json.new";

/// How a file of ours is told from somebody else's. Terraform passes keys of this name by.
const COMMENT: &str = "//";
const MARK: &str = "Written by palisade for the time of one run against other endpoints than AWS's, or as another role; safe to remove when no run is going on";

/// The services that the S3 backend asks, by their names in its `endpoints`
/// ([list](https://developer.hashicorp.com/terraform/language/backend/s3#endpoint-configuration)).
const OF_BACKEND: [&str; 5] = ["dynamodb", "iam", "s3", "sso", "sts"];

type Object = Map<String, Value>;

impl Endpoints {
    /// Lays the endpoints, and a session if there is one, over the stack in a directory; or removes what an earlier run has laid over it
    /// where everything goes to AWS as the caller. Whether there is a file now.
    ///
    /// # Errors
    /// When the stack cannot be read or has no provider to lay them over, its provider has a role of its own, a file of somebody else is in
    /// the way, or the file cannot be written. The directory is then as it was.
    pub fn install(
        &self,
        directory: &Path,
        credentials: Credentials,
        session: Option<&Session>,
    ) -> Result<bool, OverlayError> {
        if self.is_aws() && session.is_none() {
            return Self::remove(directory).map(|()| false);
        }
        let path = directory.join(FILE_NAME);
        if fs::symlink_metadata(&path).is_ok() && !is_ours(&path)? {
            return Err(OverlayError::Foreign { path });
        }
        let overlay = self.overlay(directory, credentials, session)?;
        // For its owner alone: it may come to hold what the backend's block holds.
        let bytes = format!("{overlay:#}\n");
        private::durable_by(&directory.join(STAGED), &path, bytes.as_bytes()).map_err(failed("write", &path))?;
        Ok(true)
    }

    /// Removes what [`Endpoints::install`] has written, also in a run that was killed; a file of somebody else is left as it is.
    ///
    /// # Errors
    /// When the file is there and cannot be read or removed.
    pub fn remove(directory: &Path) -> Result<(), OverlayError> {
        remove(&directory.join(STAGED))?;
        let path = directory.join(FILE_NAME);
        if fs::symlink_metadata(&path).is_ok() && is_ours(&path)? { remove(&path) } else { Ok(()) }
    }

    fn overlay(
        &self,
        directory: &Path,
        credentials: Credentials,
        session: Option<&Session>,
    ) -> Result<Value, OverlayError> {
        let documents = documents(directory)?;
        let mut providers: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        let mut backend = None;
        for document in &documents {
            for (name, blocks) in document.get("provider").and_then(Value::as_object).into_iter().flatten() {
                if is_aws(&documents, name) {
                    let own = blocks_of(blocks).filter_map(|block| block.get("assume_role")).flat_map(blocks_of).next();
                    if let (Some(own), Some(_)) = (own, session) {
                        let role_arn = own.get("role_arn").and_then(Value::as_str).unwrap_or_default().to_owned();
                        return Err(OverlayError::OwnRole { directory: directory.to_owned(), role_arn });
                    }
                    let over = blocks_of(blocks).map(|block| self.provider(block, credentials, session));
                    providers.entry(name.clone()).or_default().extend(over);
                }
            }
            for settings in blocks_of(document.get("terraform").unwrap_or(&Value::Null)) {
                let backends = settings.get("backend").into_iter().flat_map(blocks_of);
                let s3 = backends.filter_map(|kinds| kinds.get("s3")).flat_map(blocks_of).next();
                backend = backend.or(s3.and_then(|s3| self.backend(s3, credentials, session)));
            }
        }
        if providers.is_empty() {
            return Err(OverlayError::NoProvider { directory: directory.to_owned() });
        }
        let mut overlay = json!({ COMMENT: MARK, "provider": providers });
        if let (Some(overlay), Some(backend)) = (overlay.as_object_mut(), backend) {
            overlay.insert("terraform".to_owned(), json!({ "backend": { "s3": backend } }));
        }
        Ok(overlay)
    }

    /// What is laid over a provider block: Terraform takes each argument that stands here in place of the block's own, and the whole of
    /// `endpoints`, so that the block's own endpoints have to be repeated.
    fn provider(&self, block: &Object, credentials: Credentials, session: Option<&Session>) -> Object {
        let mut over: Object = block.iter().filter(|(argument, _)| *argument == "alias").map(owned).collect();
        over.extend(session.map(|session| ("assume_role".to_owned(), json!([assumed(session)]))));
        if self.is_aws() {
            return over;
        }
        let mut endpoints: Object =
            block.get("endpoints").into_iter().flat_map(blocks_of).flatten().map(owned).collect();
        for service in Service::all() {
            if let Some(address) = self.of(service) {
                endpoints.insert(service.name().to_owned(), json!(address.as_str()));
            }
        }
        over.insert("endpoints".to_owned(), json!(endpoints));
        extend(
            &mut over,
            &["s3_use_path_style", "skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation"],
        );
        identify(&mut over, credentials);
        over
    }

    /// What takes the place of a backend block, which Terraform does not merge; none where the states stay with AWS and the caller.
    fn backend(&self, block: &Object, credentials: Credentials, session: Option<&Session>) -> Option<Object> {
        let mut over = block.clone();
        over.extend(session.map(|session| ("assume_role".to_owned(), json!(assumed(session)))));
        if self.of(Service::S3).is_none() {
            return session.map(|_| over);
        }
        let mut endpoints: Object = block.get("endpoints").and_then(Value::as_object).cloned().unwrap_or_default();
        for service in OF_BACKEND.into_iter().filter_map(Service::named) {
            if let Some(address) = self.of(service) {
                endpoints.insert(service.name().to_owned(), json!(address.as_str()));
            }
        }
        over.insert("endpoints".to_owned(), json!(endpoints));
        extend(
            &mut over,
            &["use_path_style", "skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation"],
        );
        if !["allowed_account_ids", "forbidden_account_ids"].iter().any(|list| block.contains_key(*list)) {
            extend(&mut over, &["skip_requesting_account_id"]);
        }
        identify(&mut over, credentials);
        Some(over)
    }
}

fn assumed(session: &Session) -> Value {
    json!({ "role_arn": session.role_arn, "session_name": session.name, "tags": session.tags })
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

fn extend(over: &mut Object, switches: &[&str]) {
    over.extend(switches.iter().map(|switch| ((*switch).to_owned(), json!(true))));
}

fn identify(over: &mut Object, credentials: Credentials) {
    if credentials == Credentials::Test {
        over.extend(["access_key", "secret_key"].map(|key| (key.to_owned(), json!("test"))));
    }
}

/// A block stands alone or in a list in Terraform's JSON.
fn blocks_of(value: &Value) -> impl Iterator<Item = &Object> + Clone {
    let list = value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value));
    list.iter().filter_map(Value::as_object)
}

/// Whether a provider of this local name is `hashicorp/aws`, at any registry.
fn is_aws(documents: &[Object], name: &str) -> bool {
    let settings = documents.iter().filter_map(|document| document.get("terraform")).flat_map(blocks_of);
    let required = settings.filter_map(|settings| settings.get("required_providers")).flat_map(blocks_of);
    let source = required.filter_map(|required| required.get(name)?.get("source")?.as_str()).next();
    source.map_or(name == "aws", |source| source == "hashicorp/aws" || source.ends_with("/hashicorp/aws"))
}

/// The documents of a stack, overrides left out.
fn documents(directory: &Path) -> Result<Vec<Object>, OverlayError> {
    let unreadable = |source| OverlayError::Unreadable { path: directory.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".tf.json"));
        if stem.is_some_and(|stem| !stem.starts_with('.') && stem != "override" && !stem.ends_with("_override")) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    paths.iter().map(|path| document(path)).collect()
}

fn document(path: &Path) -> Result<Object, OverlayError> {
    let wrong = |found: String| OverlayError::NotTerraform { path: path.to_owned(), found };
    match serde_json::from_slice(&read(path)?) {
        Ok(Value::Object(document)) => Ok(document),
        Ok(_) => Err(wrong("it is not an object".to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, OverlayError> {
    fs::read(path).map_err(|source| OverlayError::Unreadable { path: path.to_owned(), source })
}

/// Whether a file was written here. A link is not.
fn is_ours(path: &Path) -> Result<bool, OverlayError> {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(false);
    }
    let value: Value = serde_json::from_slice(&read(path)?).unwrap_or_default();
    Ok(value.get(COMMENT).and_then(Value::as_str) == Some(MARK))
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OverlayError {
    let path = PathBuf::from(path);
    move |source| OverlayError::Io { doing, path, source }
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> Result<(), OverlayError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(source)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn stack(document: &Value) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("cdk.tf.json"), document.to_string()).unwrap();
        directory
    }

    fn overlay(document: &Value, endpoints: &[&str], credentials: Credentials) -> Value {
        overlay_as(document, endpoints, credentials, None)
    }

    fn overlay_as(document: &Value, endpoints: &[&str], credentials: Credentials, session: Option<&Session>) -> Value {
        let directory = stack(document);
        let endpoints = Endpoints::parse(endpoints.iter().copied()).unwrap();
        assert!(endpoints.install(directory.path(), credentials, session).unwrap());
        let path = directory.path().join(FILE_NAME);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "only the override is added");
        let written = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        Endpoints::remove(directory.path()).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "and it goes");
        written
    }

    fn plain() -> Value {
        json!({ "provider": { "aws": [{ "region": "us-east-1" }] } })
    }

    #[test]
    fn every_provider_of_the_stack_is_sent_to_the_endpoints() {
        let document = json!({
            "terraform": { "required_providers": {
                "cloud": { "source": "registry.example/hashicorp/aws", "version": ">= 5.0" },
                "null": { "source": "hashicorp/null", "version": ">= 3.0" }
            } },
            "provider": {
                "aws": [{ "region": "us-east-1", "endpoints": { "iam": "http://own", "s3": "http://own" } }, { "alias": "other" }],
                "cloud": { "region": "us-east-1" },
                "null": {}
            }
        });
        let written =
            overlay(&document, &["s3=http://127.0.0.1:1", "logs=http://127.0.0.1:2"], Credentials::FromEnvironment);
        let sent = json!({
            "endpoints": { "logs": "http://127.0.0.1:2", "s3": "http://127.0.0.1:1" },
            "s3_use_path_style": true, "skip_credentials_validation": true, "skip_metadata_api_check": true, "skip_region_validation": true
        });
        let (mut own, mut other) = (sent.clone(), sent.clone());
        own["endpoints"]["iam"] = json!("http://own");
        other["alias"] = json!("other");
        assert_eq!(written["provider"], json!({ "aws": [own, other], "cloud": [sent] }));
        assert_eq!(written.get("terraform"), None);
    }

    #[test]
    fn an_endpoint_for_all_services_is_written_for_each_of_them() {
        let written = overlay(&plain(), &["http://127.0.0.1:1", "ec2=http://127.0.0.1:2"], Credentials::Test);
        let provider = &written["provider"]["aws"][0];
        assert_eq!(provider["endpoints"].as_object().unwrap().len(), Service::all().count());
        assert_eq!(provider["endpoints"]["ec2"], "http://127.0.0.1:2");
        assert_eq!(provider["endpoints"]["sfn"], "http://127.0.0.1:1");
        assert_eq!([&provider["access_key"], &provider["secret_key"]], ["test", "test"]);
    }

    #[test]
    fn states_in_s3_go_with_s3_and_keep_the_rest_of_their_settings() {
        let mut document = plain();
        let backend = json!({
            "bucket": "states", "key": "a.tfstate", "region": "us-east-1", "kms_key_id": "k", "use_lockfile": true,
            "endpoints": { "sso": "http://own" }
        });
        document["terraform"] = json!({ "backend": { "s3": backend } });
        let written = overlay(&document, &["s3=http://127.0.0.1:1"], Credentials::Test);
        let expected = json!({
            "bucket": "states", "key": "a.tfstate", "region": "us-east-1", "kms_key_id": "k", "use_lockfile": true,
            "endpoints": { "s3": "http://127.0.0.1:1", "sso": "http://own" }, "use_path_style": true,
            "skip_credentials_validation": true, "skip_metadata_api_check": true, "skip_region_validation": true,
            "skip_requesting_account_id": true, "access_key": "test", "secret_key": "test"
        });
        assert_eq!(written["terraform"], json!({ "backend": { "s3": expected } }));
        let written = overlay(&document, &["ec2=http://127.0.0.1:1"], Credentials::Test);
        assert_eq!(written.get("terraform"), None, "the states stay where they are");
    }

    fn session() -> Session {
        Session {
            role_arn: "arn:aws:iam::123456789012:role/platform-deployer-role-dev".to_owned(),
            name: "tenant-acme-dev".to_owned(),
            tags: BTreeMap::from([("TenantId".to_owned(), "acme".to_owned())]),
        }
    }

    #[test]
    fn provider_and_backend_work_in_the_session() {
        let mut document = plain();
        let backend = json!({ "bucket": "states", "key": "a.tfstate", "region": "us-east-1" });
        document["terraform"] = json!({ "backend": { "s3": backend } });
        let assumed = json!({
            "role_arn": "arn:aws:iam::123456789012:role/platform-deployer-role-dev", "session_name": "tenant-acme-dev",
            "tags": { "TenantId": "acme" }
        });
        let written = overlay_as(&document, &[], Credentials::FromEnvironment, Some(&session()));
        assert_eq!(written["provider"], json!({ "aws": [{ "assume_role": [assumed] }] }), "and nothing of an emulator");
        let mut expected = backend;
        expected["assume_role"] = assumed.clone();
        assert_eq!(written["terraform"], json!({ "backend": { "s3": expected } }));
        let sent = overlay_as(&document, &["http://127.0.0.1:1"], Credentials::Test, Some(&session()));
        assert_eq!(sent["provider"]["aws"][0]["assume_role"], json!([assumed]));
        assert_eq!(sent["provider"]["aws"][0]["endpoints"]["sts"], "http://127.0.0.1:1");
        assert_eq!(sent["terraform"]["backend"]["s3"]["assume_role"], assumed);
        assert_eq!(sent["terraform"]["backend"]["s3"]["endpoints"]["sts"], "http://127.0.0.1:1");
    }

    /// A tenant with an account of its own.
    #[test]
    fn a_provider_with_a_role_of_its_own_is_not_given_another() {
        let role_arn = "arn:aws:iam::111122223333:role/own";
        for role in [json!([{ "role_arn": role_arn }]), json!({ "role_arn": role_arn })] {
            let directory = stack(&json!({ "provider": { "aws": [{ "assume_role": role }] } }));
            let session = session();
            let install =
                |session| Endpoints::default().install(directory.path(), Credentials::FromEnvironment, session);
            let error = install(Some(&session)).unwrap_err();
            assert!(matches!(&error, OverlayError::OwnRole { role_arn: own, .. } if own == role_arn), "{error}");
            assert!(!install(None).unwrap());
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_stack_without_a_provider_is_refused_as_it_would_go_to_aws() {
        let directory = stack(&json!({ "resource": {} }));
        let endpoints = Endpoints::parse(["http://127.0.0.1:1"]).unwrap();
        let error = endpoints.install(directory.path(), Credentials::Test, None).unwrap_err();
        assert!(matches!(error, OverlayError::NoProvider { .. }), "{error}");
        for broken in ["[]", "{"] {
            fs::write(directory.path().join("cdk.tf.json"), broken).unwrap();
            let error = endpoints.install(directory.path(), Credentials::Test, None).unwrap_err();
            assert!(matches!(error, OverlayError::NotTerraform { .. }), "{error}");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn somebody_elses_file_is_never_touched() {
        let endpoints = Endpoints::parse(["http://127.0.0.1:1"]).unwrap();
        for foreign in [r#"{ "provider": {} }"#, r#"{ "//": "mine" }"#, "no JSON"] {
            let directory = stack(&plain());
            let path = directory.path().join(FILE_NAME);
            fs::write(&path, foreign).unwrap();
            let error = endpoints.install(directory.path(), Credentials::Test, None).unwrap_err();
            assert!(matches!(error, OverlayError::Foreign { .. }), "{error}");
            Endpoints::remove(directory.path()).unwrap();
            Endpoints::default().install(directory.path(), Credentials::Test, None).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
        }
        let directory = stack(&plain());
        let elsewhere = directory.path().join("elsewhere");
        endpoints.install(directory.path(), Credentials::Test, None).unwrap();
        fs::rename(directory.path().join(FILE_NAME), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, directory.path().join(FILE_NAME)).unwrap();
        assert!(endpoints.install(directory.path(), Credentials::Test, None).is_err(), "a link is somebody's");
    }

    #[test]
    fn what_a_killed_run_has_left_is_replaced_or_removed() {
        let directory = stack(&plain());
        let entries = || fs::read_dir(directory.path()).unwrap().count();
        let install = |given: &[&str]| {
            let endpoints = Endpoints::parse(given.iter().copied()).unwrap();
            endpoints.install(directory.path(), Credentials::Test, None).unwrap();
        };
        install(&["http://127.0.0.1:1"]);
        fs::write(directory.path().join(STAGED), "{ half").unwrap();
        install(&["http://127.0.0.1:2"]);
        let written = fs::read_to_string(directory.path().join(FILE_NAME)).unwrap();
        assert!(written.contains("127.0.0.1:2") && !written.contains("127.0.0.1:1\""));
        fs::write(directory.path().join(STAGED), "{ half").unwrap();
        install(&[]);
        assert_eq!(entries(), 1, "a run against AWS finds nothing of it");
    }
}
