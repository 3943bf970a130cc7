//! What to do.

use crate::diagnosis::{About, Command, LockInfo};

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fix {
    /// Ask AWS for a higher quota: its name and its code in Service Quotas.
    Quota(&'static str, &'static str),
    /// A quota that is not named here.
    SomeQuota,
    /// A limit that AWS raises for nobody.
    Fixed(&'static str),
    /// Allow it.
    Permission,
    /// Adopt or rename.
    Taken,
    /// The name is somebody else's, anywhere in AWS.
    TakenByOthers,
    /// Restore a secret.
    Secret,
    /// Ask less often.
    Slower,
    /// Renew credentials.
    Credentials,
    /// Set the clock.
    Clock,
    /// Find out about the network.
    Network,
    /// Wait a little.
    Passes,
    /// Wait for AWS.
    Aws,
    /// Wait for the lock, or break it.
    Lock,
    /// The state was not saved.
    SaveState,
    /// The state was not even saved beside the stack.
    SaveDump,
    /// The state cannot be used.
    State,
    /// Plan again.
    Plan,
    /// Make room.
    Disk,
    /// Look into the log.
    Crash,
    /// Install.
    Tool,
    /// Another version.
    Version,
    /// `terraform init`.
    Init,
    /// Wait longer.
    Timeout,
    /// Network interfaces.
    Interfaces,
    /// A key that is going or switched off.
    Key,
    /// Repair the configuration.
    Configuration,
    /// Something that others attached.
    Attached,
    /// Something that others deleted.
    Gone,
    /// Run again.
    Again,
    /// Read the log.
    Log,
}

impl Fix {
    /// The text.
    pub(super) fn text(self, about: &About, text: &str, address: Option<&str>, lock: Option<&LockInfo>) -> String {
        let again = about.again();
        let stack = about.stack;
        match self {
            Self::Quota(name, code) => format!(
                "request a higher quota {name:?} ({code}) in Service Quotas, or remove what is not used; `app capacity` shows what the fleet \
                 needs; then {again}"
            ),
            Self::SomeQuota => format!(
                "request a higher quota in Service Quotas, or remove what is not used; `app capacity` shows what the fleet needs; then {again}"
            ),
            Self::Fixed(what) => format!("AWS raises this limit for nobody: {what}; then {again}"),
            Self::Permission => match action(text) {
                Some(action) if denied(text) => {
                    format!("a policy denies `{action}` explicitly: exempt the role that deploys from it; then {again}")
                }
                Some(action) => format!("allow `{action}` to the role that deploys; then {again}"),
                None => format!("allow it to the role that deploys; then {again}"),
            },
            Self::Taken => format!(
                "if it was left by this stack, adopt it: `terraform -chdir={} import '{}' ID`; if it is somebody else's, rename or delete \
                 it; then {again}",
                about.directory(),
                address.unwrap_or("ADDRESS")
            ),
            Self::TakenByOthers => format!(
                "bucket names are unique in all of AWS and another account has this one: choose another tenant id or environment; then {again}"
            ),
            Self::Secret => format!(
                "restore the secret and adopt it (`aws secretsmanager restore-secret --secret-id NAME`), or delete it at once \
                 (`aws secretsmanager delete-secret --force-delete-without-recovery --secret-id NAME`); then {again}"
            ),
            Self::Slower => format!("wait a few minutes and run with a lower `--parallelism`: {again}"),
            Self::Credentials => {
                format!("renew the AWS credentials of this run (`aws sts get-caller-identity` tells whether they work); then {again}")
            }
            Self::Clock => format!("set this machine's clock: AWS refuses requests whose time is off by minutes; then {again}"),
            Self::Network => format!("check network, DNS and proxy of this machine; then {again}"),
            Self::Passes => format!("this passes by itself: wait a minute; then {again}"),
            Self::Aws => format!("AWS failed, not the stack: look at https://health.aws.amazon.com, wait; then {again}"),
            Self::Lock => match lock {
                Some(lock) if !lock.id.is_empty() => format!(
                    "wait until it is done; if its process is gone: `{} --unlock` (lock {})",
                    about.command_line(),
                    lock.id
                ),
                _ => format!("wait until it is done; if its process is gone: `{} --unlock`", about.command_line()),
            },
            Self::SaveState => format!(
                "the state could not be saved and lies in `{0}/errored.tfstate`, which must not be deleted: {again} puts it in its place \
                 first; by hand it is `terraform -chdir={0} state push errored.tfstate`",
                about.directory()
            ),
            Self::SaveDump => format!(
                "the log must not be deleted; {again} puts the state in its place first; by hand: save the value of `state` in the log's \
                 message \"Emergency state dump\" to a file and run `terraform -chdir={} state push FILE`",
                about.directory()
            ),
            Self::State => format!(
                "nothing was changed; compare the state with its last copies in `.palisade/stacks/{stack}/state-copies` and restore the \
                 newest good one with `terraform -chdir={} state push COPY`; then {again}",
                about.directory()
            ),
            Self::Plan => "the plan is older than the state: run the command again without it, it plans anew".to_owned(),
            Self::Disk => format!("make room, or make the directory writable for this user; then {again}"),
            Self::Crash => format!("read the log; if it was killed for its memory, run with a lower `--parallelism`: {again}"),
            Self::Tool => {
                "install Terraform or OpenTofu and the providers, or name them with `--terraform-bin` and `--plugin-dir`".to_owned()
            }
            Self::Version => {
                "use the versions that the stack asks for: see `required_version` and `required_providers` in its document, and \
                 `--terraform-bin` and `--plugin-dir`"
                    .to_owned()
            }
            Self::Init => format!("initialise the directory: {again} does so"),
            Self::Timeout => format!("AWS may still be at it: wait; then {again}"),
            Self::Interfaces => format!(
                "AWS releases the network interfaces of deleted functions only after up to 40 minutes: wait; then {again}; if it stays, look \
                 for interfaces of others in this VPC"
            ),
            Self::Key => format!(
                "enable the key again (`aws kms enable-key --key-id ID`; one that is to be deleted first needs \
                 `aws kms cancel-key-deletion --key-id ID`); then {again}"
            ),
            Self::Configuration => format!("correct the stack's definition and synthesise it again; then {again}"),
            Self::Attached => format!("detach what was attached outside of the stack; then {again}"),
            Self::Gone => format!("what was to be deleted, or a part of it, is gone already: {again} finds what is left"),
            Self::Again => again,
            Self::Log => format!("read the log; then {again}"),
        }
    }
}

/// The action that is not allowed.
fn action(text: &str) -> Option<&str> {
    let after =
        text.split_once("not authorized to perform: ").or_else(|| text.split_once("not authorized to perform:"))?.1;
    let action = after.split_whitespace().next()?.trim_end_matches(['.', ',']);
    action.contains(':').then_some(action)
}

fn denied(text: &str) -> bool {
    text.contains("explicit deny")
}

impl About<'_> {
    /// The command that goes on from here.
    fn command_line(&self) -> String {
        let command = match self.command {
            Command::Plan => "app plan",
            Command::Deploy => "app deploy --resume",
            Command::Destroy => "app destroy",
        };
        match self.tenant {
            Some(tenant) => format!("{command} --tenant {tenant}"),
            None => command.to_owned(),
        }
    }

    fn again(&self) -> String {
        format!("`{}`", self.command_line())
    }

    fn directory(&self) -> String {
        self.directory.display().to_string()
    }
}
