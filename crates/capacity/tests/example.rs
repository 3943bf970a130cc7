//! x
#![allow(clippy::unwrap_used, missing_docs)]
use std::collections::BTreeMap;
use capacity::*;
#[test]
fn show() {
    let mut fleet = Fleet::new(BTreeMap::new());
    for (name, part) in [("tenant-acme-corp-dev", Part::Tenant),("tenant-retail-co-dev", Part::Tenant),("tenant-tech-startup-dev", Part::Tenant),("platform-dev", Part::Shared)] {
        let d = std::fs::read(format!("{}/../../tests/golden/{name}.tf.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
        fleet.add(name, part, &serde_json::from_slice(&d).unwrap());
    }
    let r = fleet.report(&Question { blocks: Some(Blocks { taken: 3, total: 256, prefix_length: 16, longest: 24 }), tenants: Some(10000), ..Question::default() });
    for row in &r.accounts[0].rows {
        println!("{:36} used {:6} per {:6} limit {:7} fits {:?} {}% needed {} {:?} {:?} {:?}", row.key.as_str(), row.used, row.per_tenant, row.limit, row.fits, row.percent(), row.needed, row.fullest, row.request, row.advice);
    }
    println!("{:?}", r.accounts[0].cells);
}
