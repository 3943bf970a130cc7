//! An AWS emulator, or any other place than AWS, or another role than the caller's, for the time of a run.
//!
//! A synthesised stack says nothing of either: what is tested and proved is what will be deployed. During such a run a file of
//! Terraform's [override](https://developer.hashicorp.com/terraform/language/files/override) kind lies beside the stack's document and
//! gives its AWS providers and its S3 backend other endpoints, and a role to assume. It is removed at the end of the run, or at the start of the next one.

mod address;
mod overlay;
mod services;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use address::Address;
use services::Service;

use crate::Environment;

pub use overlay::FILE_NAME;

/// The start of the variables that name the endpoint of a service, of the AWS SDKs and of Terraform's provider.
const VARIABLE: &str = "AWS_ENDPOINT_URL";

/// Where the services of AWS are asked, if not at AWS.
///
/// ```
/// use runner::Endpoints;
///
/// let endpoints = Endpoints::parse(["http://127.0.0.1:4566", "ec2=http://127.0.0.1:5000"])?;
/// assert_eq!(endpoints.to_string(), "http://127.0.0.1:4566, ec2=http://127.0.0.1:5000");
/// assert_eq!(Endpoints::default().to_string(), "AWS");
/// # Ok::<(), runner::EndpointError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Of all services that have none of their own.
    all: Option<Address>,
    services: BTreeMap<Service, Address>,
}

/// Where the credentials of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// From where Terraform looks for them.
    FromEnvironment,
    /// They are `test` and `test`, as emulators take them. They are given only to providers, and to a backend, that is sent elsewhere.
    Test,
}

/// Any of these says where credentials come from.
const CREDENTIALS: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

impl Credentials {
    /// An emulator takes any credentials, and gets made-up ones where the environment names none.
    pub fn of(environment: &Environment) -> Self {
        let given = CREDENTIALS.iter().any(|name| environment.get(name).is_some());
        if given { Self::FromEnvironment } else { Self::Test }
    }
}

/// A session of a role, in which a stack's providers and its backend work for the time of a run.
///
/// The provider and the backend make the session themselves, and a new one when it ends: one that a role of AWS makes of another ends after
/// [an hour](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining), and a destroy can take longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The role's ARN.
    pub role_arn: String,
    /// What the session is called in the logs of AWS: 2 to 64 characters.
    pub name: String,
    /// The tags of the session.
    pub tags: BTreeMap<String, String>,
}

/// Why something is no endpoint.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no address.
    #[error("`{given}` is not the address of an endpoint: {reason}; write for example `http://127.0.0.1:4566`")]
    Url {
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The service is not known.
    #[error(
        "`{given}` is not a service of Terraform's AWS provider; did you mean `{nearest}`? The names are those of its `endpoints` block"
    )]
    Service {
        /// What was given.
        given: String,
        /// The name most like it.
        nearest: &'static str,
    },
    /// The variable names no known service.
    #[error(
        "the environment variable `{VARIABLE}_{given}` names no service of Terraform's AWS provider; unset it, or correct its name"
    )]
    Variable {
        /// The end of its name.
        given: String,
    },
    /// There are two endpoints for the same.
    #[error("there are two endpoints for {of}; name one")]
    Twice {
        /// For what.
        of: String,
    },
}

/// Why a stack could not be sent to the endpoints.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// A file of this name is not ours.
    #[error("`{}` was not written by this program; move it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file of the stack cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the stack is no Terraform JSON.
    #[error("`{}` is not Terraform JSON: {found}; synthesise the stack again", path.display())]
    NotTerraform {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// The stack has no provider block to lay anything over.
    #[error(
        "no `*.tf.json` in `{}` declares a provider for `hashicorp/aws`, so it would not go where it is sent; declare one",
        directory.display()
    )]
    NoProvider {
        /// Where the stack is.
        directory: PathBuf,
    },
    /// The provider assumes a role already.
    #[error(
        "the provider of the stack in `{}` assumes `{role_arn}`, so that no other role can be assumed for it; deploy it without one, with \
         credentials that may assume this one",
        directory.display()
    )]
    OwnRole {
        /// Where the stack is.
        directory: PathBuf,
        /// The role of its provider.
        role_arn: String,
    },
    /// The file cannot be written or removed.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Endpoints {
    /// The endpoints that a command line names, each as `URL` (for all services that have none of their own) or `SERVICE=URL` with the
    /// name of the service in Terraform's AWS provider, for example `dynamodb` or `logs`.
    ///
    /// # Errors
    /// When one is no address, its service is not known, or there are two for the same.
    pub fn parse<'a>(given: impl IntoIterator<Item = &'a str>) -> Result<Self, EndpointError> {
        let mut endpoints = Self::default();
        for text in given {
            // An address holds `=` only in what is refused anyway.
            match text.split_once('=') {
                Some((name, address)) if !name.contains("://") => {
                    let service = Service::named(name).ok_or_else(|| EndpointError::Service {
                        given: name.to_owned(),
                        nearest: Service::nearest(name),
                    })?;
                    endpoints.add(Some(service), Address::parse(address)?)?;
                }
                _ => endpoints.add(None, Address::parse(text)?)?,
            }
        }
        Ok(endpoints)
    }

    /// The endpoints that environment variables name: `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`, as the AWS SDKs read them.
    /// Other variables, and empty ones, are passed over.
    ///
    /// # Errors
    /// When one is no address, or its service is not known.
    pub fn from_variables<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, EndpointError> {
        let mut endpoints = Self::default();
        for (name, address) in variables {
            let Some(end) = name.strip_prefix(VARIABLE).filter(|_| !address.is_empty()) else { continue };
            let service = match end.strip_prefix('_') {
                None if end.is_empty() => None,
                None => continue,
                Some(end) => {
                    Some(Service::of_variable(end).ok_or_else(|| EndpointError::Variable { given: end.to_owned() })?)
                }
            };
            endpoints.add(service, Address::parse(address)?)?;
        }
        Ok(endpoints)
    }

    fn add(&mut self, service: Option<Service>, address: Address) -> Result<(), EndpointError> {
        let before = match service {
            Some(service) => self.services.insert(service, address),
            None => self.all.replace(address),
        };
        match before {
            None => Ok(()),
            Some(_) => Err(EndpointError::Twice {
                of: service.map_or("all services".to_owned(), |service| format!("`{}`", service.name())),
            }),
        }
    }

    /// Whether everything goes to AWS.
    pub fn is_aws(&self) -> bool {
        self.all.is_none() && self.services.is_empty()
    }

    /// The address at which a service is asked, by its name in Terraform's AWS provider; none where that is AWS's own, or there is no such
    /// service.
    pub fn address(&self, service: &str) -> Option<&str> {
        self.of(Service::named(service)?).map(Address::as_str)
    }

    /// The address of a service, if it is not AWS's own.
    fn of(&self, service: Service) -> Option<&Address> {
        self.services.get(&service).or(self.all.as_ref())
    }
}

/// What is told to people, and kept in records: `AWS`, or every endpoint.
impl fmt::Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_aws() {
            return f.write_str("AWS");
        }
        let all = self.all.iter().map(Address::to_string);
        let services = self.services.iter().map(|(service, address)| format!("{}={address}", service.name()));
        f.write_str(&all.chain(services).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_for_all_services_or_for_one_of_them() {
        let endpoints = Endpoints::parse(["http://a", "dynamodb=http://b:1", "cloudwatchlogs=http://c"]).unwrap();
        let of = |name| endpoints.of(Service::named(name).unwrap()).unwrap().as_str();
        assert_eq!([of("s3"), of("dynamodb"), of("logs")], ["http://a", "http://b:1", "http://c"]);
        assert!(Endpoints::parse([]).unwrap().is_aws());
        let one = Endpoints::parse(["s3=http://a"]).unwrap();
        assert!(!one.is_aws() && one.of(Service::named("sqs").unwrap()).is_none());
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_what_would_be_one() {
        let said = |given: &[&str]| Endpoints::parse(given.iter().copied()).unwrap_err().to_string();
        assert_eq!(
            said(&["dynamo=http://a"]),
            "`dynamo` is not a service of Terraform's AWS provider; did you mean `dynamodb`? The names are those of its `endpoints` block"
        );
        assert_eq!(
            said(&["localhost:4566"]),
            "`localhost:4566` is not the address of an endpoint: it does not start with `http://` or `https://`; write for example \
             `http://127.0.0.1:4566`"
        );
        assert_eq!(said(&["http://a", "http://b"]), "there are two endpoints for all services; name one");
        assert_eq!(said(&["logs=http://a", "cloudwatchlogs=http://b"]), "there are two endpoints for `logs`; name one");
    }

    #[test]
    fn the_variables_of_the_aws_sdks_say_the_same() {
        let from = |variables: &[(&'static str, &'static str)]| Endpoints::from_variables(variables.iter().copied());
        let said = from(&[
            ("AWS_ENDPOINT_URL", "http://a"),
            ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://b"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URLS", "x"),
        ]);
        assert_eq!(said.unwrap(), Endpoints::parse(["http://a", "logs=http://b"]).unwrap());
        assert_eq!(
            from(&[("AWS_ENDPOINT_URL_LOGS", "http://b")]).unwrap_err(),
            EndpointError::Variable { given: "LOGS".to_owned() }
        );
    }
}
