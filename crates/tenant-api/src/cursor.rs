//! Cursors: where a list goes on, opaque to the client and sealed with a key of the tenant, so that none can be made up or changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naming::TenantId;
use ring::hmac;

use crate::lock::OtherTenant;
use crate::resource_type::ResourceType;

/// The form of a cursor; one that is not known is refused.
const FORM: u8 = 1;
/// The bytes of a seal: an HMAC with SHA-256.
const SEAL: usize = 32;
/// What stands between the tenant and the last document; no part of either.
const SEPARATOR: char = '\n';

/// The key that seals the cursors of a tenant. It lies in the tenant's table, where no request reads it.
#[derive(Clone, Debug)]
pub struct CursorKey(hmac::Key);

/// Why a cursor is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// It is no cursor, or was changed, or the key is another one by now.
    #[error("this API did not give out the cursor, or no longer takes it; list again from the start")]
    Invalid,
    /// It is another tenant's.
    #[error(transparent)]
    OtherTenant(#[from] OtherTenant),
}

impl CursorKey {
    /// The bytes of a key.
    pub const BYTES: usize = 32;

    /// The key with these bytes.
    pub fn new(secret: &[u8; Self::BYTES]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The cursor that goes on after a document.
    pub fn seal(&self, tenant: &TenantId, after: &ResourceType) -> String {
        let place = format!("{tenant}{SEPARATOR}{}", after.as_str());
        let mut bytes = vec![FORM];
        bytes.extend(hmac::sign(&self.0, &sealed(&place)).as_ref());
        bytes.extend(place.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The document after which a cursor goes on.
    ///
    /// # Errors
    /// When this tenant's API did not make it.
    pub fn open(&self, tenant: &TenantId, cursor: &str) -> Result<ResourceType, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorError::Invalid)?;
        let Some((&FORM, rest)) = bytes.split_first() else { return Err(CursorError::Invalid) };
        let (seal, place) = rest.split_at_checked(SEAL).ok_or(CursorError::Invalid)?;
        let place = std::str::from_utf8(place).map_err(|_| CursorError::Invalid)?;
        let (given, after) = place.split_once(SEPARATOR).ok_or(CursorError::Invalid)?;
        // Before the seal, which another tenant's cursor does not fit: the attempt is to be seen for what it is.
        if given != tenant.as_str() && given.parse::<TenantId>().is_ok() {
            return Err(OtherTenant { place: "cursor", given: given.to_owned() }.into());
        }
        hmac::verify(&self.0, &sealed(place), seal).map_err(|_| CursorError::Invalid)?;
        after.parse().map_err(|_| CursorError::Invalid)
    }
}

/// What the seal is made over.
fn sealed(place: &str) -> Vec<u8> {
    [&[FORM], place.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> CursorKey {
        CursorKey::new(&[byte; CursorKey::BYTES])
    }

    fn tenant(id: &str) -> TenantId {
        id.parse().unwrap()
    }

    proptest! {
        #[test]
        fn a_cursor_goes_on_where_it_was_made(name in "[a-z0-9][a-z0-9._-]{0,127}") {
            let after: ResourceType = name.parse().unwrap();
            let cursor = key(1).seal(&tenant("acme-corp"), &after);
            prop_assert_eq!(key(1).open(&tenant("acme-corp"), &cursor).unwrap(), after);
        }

        /// "an opaque, tamper-evident cursor"
        #[test]
        fn a_cursor_that_was_changed_anywhere_is_refused(name in "[a-z0-9]{1,20}", at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let cursor = key(1).seal(&tenant("acme-corp"), &name.parse().unwrap());
            let at = at.index(cursor.len());
            let changed = format!("{}{to}{}", &cursor[..at], &cursor[at + 1..]);
            prop_assert_eq!(changed == cursor, key(1).open(&tenant("acme-corp"), &changed).is_ok());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in any::<String>()) {
            prop_assert!(key(1).open(&tenant("acme-corp"), &text).is_err());
        }
    }

    #[test]
    fn a_cursor_of_another_tenant_is_refused_as_such_even_under_the_same_key() {
        let cursor = key(1).seal(&tenant("tech-startup"), &"plan".parse().unwrap());
        for key in [key(1), key(2)] {
            let error = key.open(&tenant("acme-corp"), &cursor).unwrap_err();
            assert_eq!(error, OtherTenant { place: "cursor", given: "tech-startup".to_owned() }.into());
        }
        let own = key(1).seal(&tenant("acme-corp"), &"plan".parse().unwrap());
        assert_eq!(key(2).open(&tenant("acme-corp"), &own), Err(CursorError::Invalid));
    }
}
