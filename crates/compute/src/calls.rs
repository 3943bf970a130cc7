/// What AWS itself does with the roles of the functions, as JSON: open their settings, place them in the VPC, write their logs, keep what they
/// could not take, use the key for the services that they call. The code's own calls stand beside the code (`calls.json` of each
/// function's crate); the isolation proof holds all of them against the policies.
///
/// Sources: [VPC](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html),
/// [dead letters](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html),
/// [settings](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html).
pub const CALLS: &str = include_str!("../calls.json");
