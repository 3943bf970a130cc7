//! The tenant lock: the function belongs to one tenant, and whatever names another one is refused.
//!
//! IAM, the VPC's endpoints and the table's own policy keep tenants apart without this code. It is there for the case that one of them is
//! broken, and to make the attempt seen: every refusal is logged under [`CROSS_TENANT_REFUSED`](naming::runtime::CROSS_TENANT_REFUSED),
//! which the stack's alarm counts.

use crate::http::Incoming;
use crate::settings::Settings;

/// Something names another tenant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {place} names the tenant `{given}`")]
pub struct OtherTenant {
    /// What names it.
    pub place: &'static str,
    /// The name, as it was given.
    pub given: String,
}

/// Makes sure that nothing of a request (header, query or caller) names another tenant.
pub(crate) fn check(request: &Incoming, settings: &Settings) -> Result<(), OtherTenant> {
    let tenant = settings.tenant.as_str();
    for (name, value) in &request.headers {
        if is_tenant(name.as_str().trim_start_matches("x-")) {
            let value = String::from_utf8_lossy(value.as_bytes());
            if let Some(other) = value.split(',').map(str::trim).find(|given| *given != tenant) {
                return Err(OtherTenant { place: "header", given: other.to_owned() });
            }
        }
    }
    for (name, value) in &request.query {
        if is_tenant(name) && value != tenant {
            return Err(OtherTenant { place: "query", given: value.clone() });
        }
    }
    match request.caller.as_deref().and_then(role) {
        Some(role) if role.starts_with("tenant-") && role != settings.caller_role().as_str() => {
            Err(OtherTenant { place: "caller", given: role.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Whether a header or parameter of this name names a tenant.
pub(crate) fn is_tenant(name: &str) -> bool {
    name.eq_ignore_ascii_case("tenant") || is_tenant_id(name)
}

/// Whether this is a spelling of `tenant_id`.
pub(crate) fn is_tenant_id(name: &str) -> bool {
    let letters = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_')).map(|byte| byte.to_ascii_lowercase());
    letters.eq(*b"tenantid")
}

/// The role of a caller, out of `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`.
fn role(arn: &str) -> Option<&str> {
    let (_, rest) = arn.split_once(":assumed-role/").or_else(|| arn.split_once(":role/"))?;
    rest.split('/').next()
}

#[cfg(test)]
mod tests {
    use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method};
    use proptest::prelude::*;

    use super::*;

    fn settings() -> Settings {
        Settings { tenant: "acme-corp".parse().unwrap(), suffix: "dev".parse().unwrap() }
    }

    fn request() -> Incoming {
        let path = "/v1/resources/plan".to_owned();
        Incoming { method: Method::GET, path, query: vec![], headers: HeaderMap::new(), body: vec![], caller: None }
    }

    fn with_header(name: &str, value: &str) -> Incoming {
        let mut request = request();
        request.headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        request
    }

    #[test]
    fn a_header_or_parameter_names_no_other_tenant() {
        for name in ["x-tenant-id", "tenant-id", "x-tenant", "tenant", "x-tenantid"] {
            assert_eq!(check(&with_header(name, "acme-corp"), &settings()), Ok(()), "{name}");
            for value in ["tech-startup", "acme", "ACME-CORP", "", "acme-corp, tech-startup"] {
                assert!(check(&with_header(name, value), &settings()).is_err(), "{name}: {value}");
            }
        }
        for name in ["tenant", "tenant_id", "tenantId", "TENANT-ID"] {
            let mut request = request();
            request.query = vec![(name.to_owned(), "acme-corp".to_owned())];
            assert_eq!(check(&request, &settings()), Ok(()));
            request.query.push((name.to_owned(), "tech-startup".to_owned()));
            assert_eq!(check(&request, &settings()).unwrap_err().given, "tech-startup");
        }
    }

    #[test]
    fn a_caller_is_the_tenants_own_role_or_no_tenants_role() {
        let called_by = |arn: &str| check(&Incoming { caller: Some(arn.to_owned()), ..request() }, &settings());
        for arn in [
            "arn:aws:sts::123456789012:assumed-role/tenant-acme-corp-caller-role-dev/me",
            "arn:aws:sts::123456789012:assumed-role/operator/tenant-tech-startup-caller-role-dev",
            "arn:aws:iam::123456789012:user/tenant-x",
        ] {
            assert_eq!(called_by(arn), Ok(()), "{arn}");
        }
        for role in [
            "tech-startup-caller-role-dev",
            "acme-caller-role-dev",
            "acme-corp-caller-role-prod",
            "acme-corp-api-role-dev",
        ] {
            let arn = format!("arn:aws:sts::123456789012:assumed-role/tenant-{role}/me");
            assert!(called_by(&arn).is_err(), "{arn}");
        }
    }

    proptest! {
        /// "no request, whatever its path, header, cursor, body or event"
        #[test]
        fn whatever_stands_in_a_tenant_header_is_this_tenant_or_refused(value in "[\\x20-\\x7e]{0,30}") {
            let taken = check(&with_header("x-tenant-id", &value), &settings()).is_ok();
            prop_assert_eq!(taken, value.split(',').all(|part| part.trim() == "acme-corp"));
        }
    }
}
