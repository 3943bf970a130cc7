//! What holds for any fleet and any quotas.

use std::collections::{BTreeMap, BTreeSet};

use capacity::{Fleet, Key, Part, Question};
use proptest::prelude::*;

use super::fixture::{SHAPE, Shape, fleet, limits, row, tenant};

fn shapes() -> impl Strategy<Value = Shape> {
    (0_u64..4, 0_u64..40, 0_u64..8, 0_u64..4).prop_map(|(vpcs, reserved, roles, tables)| Shape {
        vpcs,
        reserved,
        roles,
        tables,
    })
}

fn quotas() -> impl Strategy<Value = Question> {
    (0_u64..60, 0_u64..1_500, 0_u64..150, proptest::option::of(1_u64..40)).prop_map(|(vpcs, reserved, roles, slots)| {
        let question =
            limits(&[(Key::VpcsPerRegion, vpcs), (Key::LambdaConcurrency, reserved), (Key::IamRoles, roles)]);
        Question { parallelism: slots.and_then(std::num::NonZeroU64::new), ..question }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_tenants_never_fit_better(shape in shapes(), mut question in quotas(), here in 0_u64..12, few in 0_u64..60, more in 0_u64..60) {
        let fleet = fleet(shape, here.max(1));
        let mut at = |tenants| {
            question.tenants = Some(tenants);
            fleet.report(&question).accounts.remove(0)
        };
        let (less, more) = (at(few), at(few + more));
        for key in Key::ALL.iter().filter(|key| **key != Key::NetworkPlanBlocks) {
            let (less, more) = (row(&less, *key), row(&more, *key));
            prop_assert!(less.needed <= more.needed, "{}", key.as_str());
            prop_assert!(!less.short || more.short, "{}", key.as_str());
            prop_assert_eq!(less.fits, more.fits, "how many fit does not depend on how many are asked for: {}", key.as_str());
        }
    }

    #[test]
    fn so_many_fit_as_are_said_to_and_not_one_more(shape in shapes(), mut question in quotas(), here in 1_u64..12, asked in 0_u64..60) {
        let fleet = fleet(shape, here);
        question.tenants = Some(asked);
        let account = fleet.report(&question).accounts.remove(0);
        for row in &account.rows {
            // What is there without a tenant may already be too much.
            if asked > 0 {
                prop_assert_eq!(row.short, !row.fits.holds(asked), "{} for {}: {:?}", row.key.as_str(), asked, row);
            }
        }
    }

    #[test]
    fn a_fleet_is_admitted_if_and_only_if_it_fits(shape in shapes(), question in quotas(), tenants in 1_u64..40) {
        let fleet = fleet(shape, tenants);
        let account = fleet.report(&question).accounts.remove(0);
        let admitted = fleet.admit(&BTreeSet::new(), &question);
        // A quota of which nothing new is used is nobody's obstacle.
        let fits = account.rows.iter().all(|row| row.fits.holds(tenants) || row.per_tenant == 0);
        prop_assert_eq!(admitted.is_ok(), fits, "{:?}", admitted);
    }

    #[test]
    fn the_tenants_that_still_fit_are_admitted_and_one_more_is_not(shape in shapes(), question in quotas(), tenants in 1_u64..40) {
        let all = fleet(shape, tenants);
        if let Err(shortages) = all.admit(&BTreeSet::new(), &question) {
            let fit = shortages.iter().map(|shortage| shortage.still_fit).min().unwrap();
            prop_assert!(fit < tenants);
            prop_assert!(fleet(shape, fit + 1).admit(&BTreeSet::new(), &question).is_err());
            if fit > 0 {
                prop_assert!(fleet(shape, fit).admit(&BTreeSet::new(), &question).is_ok());
            }
        }
    }

    #[test]
    fn accounts_add_up_to_the_fleet(placed in proptest::collection::vec(0_u64..4, 1..30)) {
        let mut fleet = Fleet::new(BTreeMap::new());
        for (number, account) in placed.iter().enumerate() {
            let account = (*account > 0).then(|| account.to_string().repeat(12));
            fleet.add(&format!("tenant-{number}"), Part::Tenant, &tenant(SHAPE, account.as_deref()));
        }
        let report = fleet.report(&Question::default());
        let accounts: BTreeSet<u64> = placed.iter().copied().collect();
        prop_assert_eq!(report.accounts.len(), accounts.len());
        for (key, per_tenant) in [(Key::IamRoles, 5), (Key::LambdaConcurrency, 12), (Key::VpcsPerRegion, 1)] {
            let rows = report.accounts.iter().map(|account| row(account, key));
            let used: u64 = rows.map(|row| row.used - row.before).sum();
            prop_assert_eq!(used, per_tenant * placed.len() as u64, "{}", key.as_str());
        }
    }
}
