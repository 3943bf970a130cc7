#[test]
fn scratch() {
    let read = |n: &str| {
        let t =
            std::fs::read_to_string(format!("{}/../../tests/golden/{n}.tf.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
        serde_json::from_str::<serde_json::Value>(&t).unwrap()
    };
    let mut f = crate::Fleet::new();
    for n in ["tenant-acme-corp-dev", "tenant-retail-co-dev", "tenant-tech-startup-dev", "platform-dev"] {
        f.add(n, &read(n));
    }
    let t = std::time::Instant::now();
    let v = f.verdict();
    eprintln!("verdict {:?} {}", t.elapsed(), v);
    let t = std::time::Instant::now();
    let r = f.report(&Default::default());
    eprintln!("report {:?}", t.elapsed());
    for l in &r.layers {
        eprintln!("{} {:?}", l.id, l.alone);
    }
    for a in &r.accidents {
        eprintln!("{} holds {} by {:?} {} {:?}", a.id, a.holds, a.by, a.why, a.example);
    }
    for g in &r.roles {
        eprintln!("{} {:?}", g.arn, g.assumed_by);
        for w in &g.grants {
            eprintln!("   {}", w.words);
        }
    }
    for e in &r.exemptions {
        eprintln!("{e:?}");
    }
    std::fs::write("/tmp/isolation.html", r.html()).unwrap();
    std::fs::write("/tmp/isolation.json", serde_json::to_string_pretty(&r).unwrap()).unwrap();
}
