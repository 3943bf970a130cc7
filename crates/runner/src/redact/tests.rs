use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn clean(text: &str) -> String {
    Redactor::new().text(text).into_owned()
}

fn copy(redactor: &Redactor, text: &[u8]) -> (Vec<u8>, Copied) {
    let mut out = Vec::new();
    let copied = redactor.copy(&mut Cursor::new(text), &mut out).unwrap();
    (out, copied)
}

// Nobody's: made for this test.
const SECRET: &str = "c02xbTZQpgRjUU3TJp09OG4qSfJtIqolfzdFGNh3";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample+token/with==";

#[test]
fn every_form_is_looked_for() {
    assert_eq!(FORMS.as_ref().map(Vec::len), Some(patterns().len()));
}

#[test]
fn secrets_go_and_their_names_stay() {
    for (line, expected) in [
        (format!("AWS_SECRET_ACCESS_KEY={SECRET}"), "AWS_SECRET_ACCESS_KEY=[redacted]"),
        (format!("export AWS_SESSION_TOKEN={TOKEN}; go"), "export AWS_SESSION_TOKEN=[redacted]; go"),
        (format!("secret_key = \"{SECRET}\""), "secret_key = \"[redacted]\""),
        (format!("secret_key = '{SECRET}' x"), "secret_key = '[redacted]' x"),
        (format!("{{\"SecretAccessKey\":\"{SECRET}\",\"Expiration\":\"x\"}}"), "{\"SecretAccessKey\":\"[redacted]\",\"Expiration\":\"x\"}"),
        (
            format!("{{\"@message\":\"{{\\\"secret_key\\\": \\\"{SECRET}\\\", \\\"a\\\": 1}}\"}}"),
            "{\"@message\":\"{\\\"secret_key\\\": \\\"[redacted]\\\", \\\"a\\\": 1}\"}",
        ),
        ("{\"password\":\"a\\\"b\\\\\",\"c\":1}".into(), "{\"password\":\"[redacted]\",\"c\":1}"),
        ("{\"m\":\"{\\\"password\\\":\\\"a\\\\\\\"b\\\",\\\"c\\\":1}\"}".into(), "{\"m\":\"{\\\"password\\\":\\\"[redacted]\\\",\\\"c\\\":1}\"}"),
        ("TF_VAR_db_password=hunter2".into(), "TF_VAR_db_password=[redacted]"),
        ("GITHUB_TOKEN=ghp_x1".into(), "GITHUB_TOKEN=[redacted]"),
        ("access key AKIAIOSFODNN7EXAMPLE is bad".into(), "access key [redacted] is bad"),
        ("as ASIAIOSFODNN7EXAMPLE,".into(), "as [redacted],"),
        (format!("token {TOKEN} expired"), "token [redacted] expired"),
        (format!("the key {SECRET} was printed alone"), "the key [redacted] was printed alone"),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=5d672d79".into(),
            "Authorization: [redacted]",
        ),
        ("\"authorization\":\"Bearer abc\",\"x\":1".into(), "\"authorization\":\"[redacted]\",\"x\":1"),
        ("http.request.header.authorization=\"Basic dXNlcjpwYXNz\" y".into(), "http.request.header.authorization=\"[redacted]\" y"),
        (
            "GET https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA/1/s3&X-Amz-Signature=fe5f80&x-id=GetObject".into(),
            "GET https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=[redacted]&X-Amz-Signature=[redacted]&x-id=GetObject",
        ),
        (
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE\\u0026Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D\\u0026Expires=1".into(),
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=[redacted]\\u0026Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D\\u0026Expires=1",
        ),
        (
            "{\"key\":\"-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----\\n\",\"b\":1}".into(),
            "{\"key\":\"[redacted]\\n\",\"b\":1}",
        ),
    ] {
        assert_eq!(clean(&line), expected, "{line}");
    }
}

/// Lines of a run: nothing in them is secret.
const ORDINARY: &[&str] = &[
    r#"{"@level":"info","@message":"aws_vpc.main: Creation complete after 2s [id=vpc-0a1b2c3d4e5f60718]","type":"apply_complete"}"#,
    "arn:aws:iam::123456789012:role/tenant-acme-corp-lambda-dev",
    "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tenant-acme-corp-dev-AbCdEf",
    "aws_secretsmanager_secret.tenant: Creating...",
    "aws_secretsmanager_secret.tenant: Creation complete after 0s [id=arn:aws:secretsmanager:eu-central-1:1:secret:x]",
    "aws_iam_access_key.ci: Refreshing state... [id=AIDAIOSFODNN7EXAMPLE]",
    "User: arn:aws:sts::123456789012:assumed-role/Deployer/session is not authorized to perform: dynamodb:CreateTable",
    "api error ExpiredToken: The security token included in the request is expired",
    "InvalidClientTokenId: The security token included in the request is invalid.",
    "RequestID: c6ebcd2d-13af-4e7c-b3de-69be89e02f10, api error AccessDenied: User is not authorized",
    "HostID: CegKwKnfuzghXHKd7N0RI7VlOVzYUVNErrFDzhtg/+hzWMs8KUF3Jeq1m9PEydPJMx6nuSzQZsFYEjICOjWsJw==",
    "UnauthorizedOperation: You are not authorized to perform this operation. Encoded authorization failure message: p1EyykaD2fI3csh_sf_WvdHF_s5IYypR-3EcbaGMemY_lrLJhI9yhfwzJxUfir6yM4mJMUmXALL-L3CURvK71l41YQfZxzmEjzm8RDi3b5TN5ejeSQ8o8b",
    "source_code_hash = \"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"",
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "/aws/lambda/tenant-acme-corp-dev-Api/2026/11/24/[$LATEST]0123456789abcdef0123456789abcdef",
    "/aws/lambda/TenantAcmeCorp/ApiFunctionDev01",
    "authorization_type = \"AWS_IAM\"",
    "authorization = \"NONE\"",
    "data.aws_iam_policy_document.token: Reading...",
    "1 token: nothing",
    "Lock Info:\n  ID:        8806b649-5567-a00a-9109-cad010c89ff4\n  Who:       root@vm\n",
    "registry.terraform.io/hashicorp/aws: h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
    "caf\u{e9} \u{1f600} \"quoted\" \\ back",
];

#[test]
fn ordinary_lines_stay_as_they_are() {
    for line in ORDINARY {
        let redactor = Redactor::new();
        assert!(
            matches!(redactor.text(line), Cow::Borrowed(_)) || redactor.text(line) == *line,
            "{line}\n{}",
            clean(line)
        );
        assert_eq!(clean(line), *line);
    }
}

#[test]
fn what_a_real_run_wrote_stays_as_it_is() {
    for log in [
        include_str!("../message/fixtures/apply.jsonl"),
        include_str!("../message/fixtures/init.jsonl"),
        include_str!("../message/fixtures/destroy.jsonl"),
    ] {
        let (out, copied) = copy(&Redactor::new(), log.as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), log);
        assert_eq!((copied.redacted, copied.left_out), (0, 0));
    }
}

#[test]
fn a_private_key_of_many_lines_is_hidden_and_what_follows_is_not() {
    let log =
        "before\n  -----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIAAA\nBBBB==\n-----END EC PRIVATE KEY----- after\nnext\n";
    let (out, copied) = copy(&Redactor::new(), log.as_bytes());
    assert_eq!(String::from_utf8(out).unwrap(), "before\n  [redacted]\n after\nnext\n");
    assert_eq!((copied.lines, copied.redacted), (6, 4));
}

#[test]
fn a_private_key_that_is_cut_off_hides_no_message() {
    let log = "-----BEGIN PRIVATE KEY-----\nMIIE\n{\"type\":\"log\"}\nrest\n";
    let (out, _) = copy(&Redactor::new(), log.as_bytes());
    assert_eq!(String::from_utf8(out).unwrap(), "[redacted]\n{\"type\":\"log\"}\nrest\n");
}

#[test]
fn a_line_that_is_too_long_is_left_out_with_its_length() {
    let mut log = b"one\n".to_vec();
    log.extend(vec![b'x'; crate::message::MAX_LINE + 1]);
    log.extend(b"\ntwo");
    let (out, copied) = copy(&Redactor::new(), &log);
    assert_eq!(String::from_utf8(out).unwrap(), "one\n[a line of 1048577 bytes was left out]\ntwo");
    assert_eq!(copied, Copied { lines: 3, redacted: 0, left_out: 1 });
}

#[test]
fn bytes_that_are_not_utf_8_stay() {
    let (out, _) = copy(&Redactor::new(), b"\xff\xfe\nAWS_SECRET_ACCESS_KEY=abc\xff\n");
    assert_eq!(out, b"\xff\xfe\nAWS_SECRET_ACCESS_KEY=[redacted]\n");
}

#[test]
fn a_known_value_is_hidden_wherever_it_is() {
    let mut redactor = Redactor::new();
    redactor.hide(["s3cr&t \"<x>\"/y\nsecond line", "abc"]);
    let go = "s3cr\\u0026t \\\"\\u003cx\\u003e\\\"/y";
    for line in ["s3cr&t \"<x>\"/y", "second line", "s3cr&t \\\"<x>\\\"/y", go, "s3cr%26t%20%22%3Cx%3E%22%2Fy"] {
        assert_eq!(redactor.text(&format!("a {line} b")), "a [redacted] b", "{line}");
    }
    // Too short to be hidden.
    assert_eq!(redactor.text("abc"), "abc");
}

fn ordinary() -> impl Strategy<Value = String> {
    prop_oneof![
        "(subnet|sg|vpc|rtb|acl|vpce|eni)-[0-9a-f]{17}",
        "arn:aws:(iam|lambda|dynamodb|kms)::[0-9]{12}:(role|function|table|key)/tenant-[a-z0-9-]{3,40}",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[0-9a-f]{40}|[0-9a-f]{64}",
        "aws_[a-z_]{3,20}\\.[a-z_]{3,10}: (Creating|Destroying)\\.\\.\\.",
        "[A-Z][a-z]{2,8}(LimitExceeded|Exception): The [a-z ]{3,30}\\.",
        "https://[a-z0-9]{32}\\.lambda-url\\.eu-central-1\\.on\\.aws/",
        "AROA[A-Z0-9]{17}:session",
    ]
}

proptest! {
    /// "never lets a planted secret through"
    #[test]
    fn a_planted_credential_never_gets_through(
        before in ordinary(),
        after in ordinary(),
        secret in "[A-Za-z0-9/+]{40}",
        token in "(IQoJb3JpZ2lu|FwoGZXIvYXdz)[A-Za-z0-9/+]{60,200}={0,2}",
        id in "(AKIA|ASIA)[A-Z2-7]{16}",
        how in 0_usize..12,
    ) {
        let line = match how {
            0 => format!("{before} AWS_SECRET_ACCESS_KEY={secret} {after}"),
            1 => format!("{before} \"SecretAccessKey\": \"{secret}\", {after}"),
            2 => format!("{before} aws_secret_access_key = {secret}"),
            3 => format!("{{\"@message\":\"{before} {{\\\"secret_key\\\":\\\"{secret}\\\"}}\"}}"),
            4 => format!("{{\"m\":\"{{\\\"m\\\":\\\"{{\\\\\\\"secret_key\\\\\\\":\\\\\\\"{secret}\\\\\\\"}}\\\"}}\"}}"),
            5 => format!("{before} secretAccessKey:{secret}, {after}"),
            6 => format!("X-Amz-Security-Token={token}&X-Amz-Signature={secret}&{after}"),
            7 => format!("{before} session_token='{token}' secret_key='{secret}'"),
            8 => format!("Authorization: AWS4-HMAC-SHA256 Credential={id}/2026/eu-central-1/s3/aws4_request, Signature={secret}"),
            9 => format!("\"Authorization\":[\"Bearer {token}{secret}\"] {after}"),
            10 => format!("-----BEGIN PRIVATE KEY-----\\n{secret}\\n{token}\\n-----END PRIVATE KEY----- {after}"),
            _ => format!("{before} {id} {token} {after} \"client_secret\" = \"{secret}\""),
        };
        let out = clean(&line);
        for planted in [&secret, &token, &id] {
            prop_assert!(!out.contains(planted.as_str()), "{planted} in {out}");
        }
        prop_assert_eq!(clean(&out), out.clone(), "a second time changes something");
    }

    #[test]
    fn a_known_value_never_gets_through(secret in "\\PC{4,60}", before in ordinary(), after in ordinary()) {
        prop_assume!(!MARK.contains(&secret) && !before.contains(&secret) && !after.contains(&secret));
        let mut redactor = Redactor::new();
        redactor.hide([&secret]);
        let plain = format!("{before} {secret} {after}");
        prop_assert!(!redactor.text(&plain).contains(&secret));
        let message = serde_json::json!({"@message": plain, "type": "log"}).to_string();
        let read: serde_json::Value = serde_json::from_str(&redactor.text(&message)).unwrap();
        let text = read["@message"].as_str().unwrap();
        prop_assert!(!text.contains(&secret), "{}", text);
        let nested = serde_json::json!({"@message": message}).to_string();
        let read: serde_json::Value = serde_json::from_str(&redactor.text(&nested)).unwrap();
        let inner: serde_json::Value = serde_json::from_str(read["@message"].as_str().unwrap()).unwrap();
        prop_assert!(!inner["@message"].as_str().unwrap().contains(&secret));
    }

    /// "never touches ordinary log lines such as resource ids and ARNs"
    #[test]
    fn what_is_ordinary_stays(parts in prop::collection::vec(ordinary(), 1..6)) {
        let line = parts.join(" ");
        prop_assert_eq!(clean(&line), line);
    }

    #[test]
    fn any_bytes_are_copied_line_by_line(log in any::<Vec<u8>>()) {
        let (out, copied) = copy(&Redactor::new(), &log);
        prop_assert_eq!(out.iter().filter(|b| **b == b'\n').count(), log.iter().filter(|b| **b == b'\n').count());
        prop_assert_eq!(copied.left_out, 0);
    }
}
