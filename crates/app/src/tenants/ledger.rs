//! Where the registry of a command lies: beside the tenants file, or in the platform's table.

use clap::{Args, ValueEnum};
use registry::store::file::FileStore;
use registry::store::{Key, Page, Store, StoreError, Stored, Transaction};

use super::table::Table;

/// Which registry a command is about.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Place {
    /// Where the registry is. In DynamoDB it is the platform's, of the tenants file's environment and region; credentials are found as
    /// the AWS SDKs find them.
    #[arg(long, global = true, value_enum, default_value_t = Kind::Files)]
    pub registry: Kind,
}

/// A kind of registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The tenants file, and what lies beside it.
    #[default]
    Files,
    /// The platform's table.
    Dynamodb,
}

/// A registry.
pub(crate) enum Ledger {
    /// Beside the tenants file.
    Files(FileStore),
    /// In the platform's table.
    Table(Table),
}

impl Ledger {
    /// The one beside the tenants file.
    pub(crate) fn files(&self) -> Option<&FileStore> {
        match self {
            Self::Files(store) => Some(store),
            Self::Table(_) => None,
        }
    }
}

impl Store for Ledger {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        match self {
            Self::Files(store) => store.get(keys),
            Self::Table(store) => store.get(keys),
        }
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        match self {
            Self::Files(store) => store.page(partition, after, limit),
            Self::Table(store) => store.page(partition, after, limit),
        }
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        match self {
            Self::Files(store) => store.transact(transaction),
            Self::Table(store) => store.transact(transaction),
        }
    }
}
