#![doc = include_str!("../README.md")]

mod alarms;
mod groups;
mod monitoring;
mod platform;
mod resources;

pub use groups::{LogGroups, TenantLogs};
pub use monitoring::TenantMonitoring;
pub use platform::{PlatformLogs, PlatformLogsExports, PlatformMonitoring};
pub use resources::{LogGroup, LogGroupName};
