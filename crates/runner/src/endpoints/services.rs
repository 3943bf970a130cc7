//! The services whose endpoints the AWS provider lets one choose.

/// One service a line: its name in the provider's `endpoints`, the end of its variable `AWS_ENDPOINT_URL_…`, other names of it
/// ([list](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/custom-service-endpoints)). Only services that
/// every supported version of the provider knows, as it refuses a configuration with one that it does not know.
const TABLE: &str = include_str!("services.txt");

/// A service, by its name in the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Service(&'static str);

impl Service {
    /// Where states are.
    pub(super) const S3: Self = Self("s3");

    /// All services.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        rows().map(|row| row.service)
    }

    /// The service of a name that the provider takes.
    pub(super) fn named(name: &str) -> Option<Self> {
        rows().find(|row| row.names().any(|known| known == name)).map(|row| row.service)
    }

    /// The service of the end of a variable's name, for example `CLOUDWATCH_LOGS`.
    pub(super) fn of_variable(end: &str) -> Option<Self> {
        rows().find(|row| row.variable == end).map(|row| row.service)
    }

    /// The name that is most like this one.
    pub(super) fn nearest(name: &str) -> &'static str {
        let alike = |known: &str| strsim::jaro_winkler(name, known);
        let names = rows().flat_map(|row| row.names().collect::<Vec<_>>());
        names.max_by(|a, b| alike(a).total_cmp(&alike(b))).unwrap_or("s3")
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        self.0
    }
}

struct Row {
    service: Service,
    variable: &'static str,
    others: &'static str,
}

impl Row {
    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.service.0).chain(self.others.split_whitespace())
    }
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        let (variable, others) = rest.split_once(' ').unwrap_or((rest, ""));
        Some(Row { service: Service(name), variable, others })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_service_and_no_name_stands_twice() {
        assert_eq!(rows().count(), TABLE.lines().count());
        let names: Vec<&str> = rows().flat_map(|row| row.names().collect::<Vec<_>>()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let variables: Vec<&str> = rows().map(|row| row.variable).collect();
        assert_eq!(variables.iter().collect::<BTreeSet<_>>().len(), variables.len());
        assert_eq!(Service::named("s3"), Some(Service::S3));
    }

    #[test]
    fn a_service_is_known_by_each_of_its_names_and_by_its_variable() {
        for name in ["logs", "cloudwatchlogs", "cloudwatchlog"] {
            assert_eq!(Service::named(name).unwrap().name(), "logs");
        }
        assert_eq!(Service::of_variable("CLOUDWATCH_LOGS").unwrap().name(), "logs");
        assert_eq!(Service::of_variable("SFN").unwrap().name(), "sfn");
        assert_eq!(Service::named("LOGS"), None);
        assert_eq!(Service::nearest("dynamo"), "dynamodb");
        assert_eq!(Service::nearest("stepfunction"), "stepfunctions");
    }
}
