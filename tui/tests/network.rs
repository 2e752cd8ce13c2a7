//! A company's network and credentials: the real program against servers on this machine. A proxy that
//! writes down what it is asked for, a server with a certificate of its own authority, and one that refuses
//! in every way AWS does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use rustls::pki_types::PrivateKeyDer;
use serde_json::json;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const OTHER: &str = "AKIAOTHEROTHEROTHER1";
const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";
const QUEUE: &str = "https://sqs.us-west-2.amazonaws.com/111122223333/iam-sentinel-console-oncall";

/// Standard output and error together, and the exit code.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (String, i32) {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("network");
    std::fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel-tui"));
    command.args(arguments).env_clear().env("HOME", home).env("TERM", "xterm").env("LANG", "C.UTF-8");
    command.envs([("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_MAX_ATTEMPTS", "1")]);
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(!text.contains(SECRET) && !text.contains(KEY) && !text.contains(OTHER), "{text}");
    (text, output.status.code().unwrap())
}

/// `doctor` with keys in the environment, and what is set besides.
fn doctor(url: &str, environment: &[(&str, &str)]) -> String {
    let keys = [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    run(&["doctor", "--queue-url", url], &[&keys, environment].concat()).0
}

/// Words of a text that may be wrapped anywhere.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// First lines of the requests that a server got, and their `Authorization`.
type Log = Arc<Mutex<Vec<String>>>;

/// A proxy that writes down what it is asked for. It joins whoever asks to this server, or refuses.
fn proxy(to: Option<u16>) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let asked = Arc::clone(&log);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let asked = Arc::clone(&asked);
            std::thread::spawn(move || tunnel(stream, to, &asked));
        }
    });
    (address, log)
}

fn tunnel(mut stream: TcpStream, to: Option<u16>, asked: &Log) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let head = head(&mut reader);
    asked.lock().unwrap().push(head.first().cloned().unwrap_or_default());
    let Some(server) = to.and_then(|port| TcpStream::connect(("127.0.0.1", port)).ok()) else {
        let _ =
            stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
    let (mut up, mut down) = (server.try_clone().unwrap(), server);
    let back = std::thread::spawn(move || {
        let _ = std::io::copy(&mut down, &mut stream);
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    let _ = std::io::copy(&mut reader, &mut up);
    let _ = up.shutdown(std::net::Shutdown::Both);
    let _ = back.join();
}

/// The lines of a request up to the empty one.
fn head(reader: &mut impl std::io::BufRead) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            return lines;
        }
        lines.push(line.trim().to_owned());
    }
}

/// Answers one request: `answer` is given the call's name, and gives status and body.
fn serve(stream: &mut (impl Read + Write), log: &Log, answer: impl Fn(&str) -> (u16, String)) {
    let mut reader = BufReader::new(&mut *stream);
    let lines = head(&mut reader);
    let value = |name: &str| {
        let found = lines.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    let mut body = vec![0; value("content-length").parse().unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    let (target, authorization) = (value("x-amz-target"), value("authorization"));
    log.lock().unwrap().push(format!("{target} {authorization}"));
    let (status, text) = answer(target.rsplit('.').next().unwrap_or_default());
    let answer = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = stream.write_all(answer.as_bytes());
    let _ = stream.flush();
}

/// A plain server that answers all calls so; its URL.
fn server(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let shared = Arc::clone(&log);
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (log, answer) = (Arc::clone(&shared), Arc::clone(&answer));
            std::thread::spawn(move || serve(&mut stream, &log, &*answer));
        }
    });
    (url, log)
}

fn well(call: &str) -> (u16, String) {
    let body = match call {
        "GetQueueAttributes" => {
            json!({"Attributes": {"ApproximateNumberOfMessages": "0", "RedrivePolicy": "{}"}})
        }
        "DeleteMessage" => {
            return (
                400,
                json!({"__type": "com.amazonaws.sqs#ReceiptHandleIsInvalid", "message": "no"}).to_string(),
            );
        }
        _ => json!({}),
    };
    (200, body.to_string())
}

/// A server for `localhost` whose certificate is of an authority of its own: its port, and the authority's
/// certificate in a file.
fn tls_server(name: &str) -> (u16, PathBuf) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(parameters, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{name}.pem"));
    // As bundles are: with comments, and with one that nobody can read.
    let unreadable = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    std::fs::write(&file, format!("# Ours\n{unreadable}\n# And\n{}", authority.pem())).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let connection = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::StreamOwned::new(connection, stream);
                serve(&mut stream, &Log::default(), well);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            });
        }
    });
    (port, file)
}

fn asked(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

#[test]
fn every_call_goes_through_the_proxy_that_is_set_in_any_spelling() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (url, log) = proxy(None);
        let said = doctor(QUEUE, &[(name, &url)]);
        let connects = asked(&log);
        for host in ["sqs.us-west-2.amazonaws.com", "sts.us-west-2.amazonaws.com"] {
            let wanted = format!("CONNECT {host}:443 HTTP/1.1");
            assert!(connects.contains(&wanted), "{name}: {connects:?}\n{said}");
        }
        assert!(flat(&said).contains(&format!("the proxy {url} ({name})")), "{said}");
    }
}

#[test]
fn what_no_proxy_names_is_asked_without_it_and_a_socks_proxy_is_refused_by_name() {
    let (port, authority) = tls_server("no-proxy");
    let (url, log) = proxy(Some(port));
    let queue = format!("https://localhost:{port}/111122223333/iam-sentinel-console-oncall");
    let authority = authority.to_str().unwrap();
    let common = [("HTTPS_PROXY", url.as_str()), ("AWS_CA_BUNDLE", authority), ("AWS_REGION", "us-west-2")];
    let said = doctor(&queue, &common);
    assert!(flat(&said).contains("delete allowed"), "through the proxy: {said}");
    assert!(asked(&log).contains(&format!("CONNECT localhost:{port} HTTP/1.1")), "{:?}", asked(&log));
    let before = asked(&log).iter().filter(|line| line.contains("localhost")).count();
    for name in ["NO_PROXY", "no_proxy"] {
        let said = doctor(&queue, &[&common[..], &[(name, "localhost")]].concat());
        assert!(flat(&said).contains("delete allowed"), "without it: {said}");
    }
    let after = asked(&log).iter().filter(|line| line.contains("localhost")).count();
    assert_eq!(after, before, "what NO_PROXY names never came by");
    let said = doctor(QUEUE, &[("ALL_PROXY", "socks5://127.0.0.1:1080")]);
    assert!(flat(&said).contains("ALL_PROXY: socks5 proxies are not supported"), "{said}");
}

#[test]
fn a_company_s_certificates_are_trusted_where_they_are_named_and_nowhere_else() {
    let (port, authority) = tls_server("bundle");
    let queue = format!("https://localhost:{port}/111122223333/iam-sentinel-console-oncall");
    let authority = authority.to_str().unwrap();
    let region = ("AWS_REGION", "us-west-2");
    let said = flat(&doctor(&queue, &[region]));
    assert!(said.contains("set AWS_CA_BUNDLE to your company's certificates"), "{said}");
    for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let said = flat(&doctor(&queue, &[region, (name, authority)]));
        assert!(said.contains("receive allowed") && said.contains("delete allowed"), "{name}: {said}");
    }
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bundle-config");
    std::fs::write(&config, format!("[default]\nca_bundle = {authority}\n")).unwrap();
    let said = flat(&doctor(&queue, &[region, ("AWS_CONFIG_FILE", config.to_str().unwrap())]));
    assert!(said.contains("delete allowed"), "ca_bundle: {said}");
    let (said, code) = run(&["tail", "--queue-url", &queue], &[region, ("AWS_CA_BUNDLE", "/nowhere/ca.pem")]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("AWS_CA_BUNDLE: can't use /nowhere/ca.pem"), "{said}");
}

/// Two profiles, in a file.
fn profiles() -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profiles");
    let text = format!(
        "[default]\nregion = eu-west-1\n\n[profile other]\naws_access_key_id = {OTHER}\naws_secret_access_key = {SECRET}\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_profile_that_is_asked_for_beats_keys_in_the_environment_and_one_that_is_not_there_is_an_error() {
    let (url, log) = server(well);
    let queue = format!("{url}/111122223333/iam-sentinel-console-oncall");
    let (file, region) = (profiles(), ("AWS_REGION", "us-west-2"));
    let file = ("AWS_CONFIG_FILE", file.to_str().unwrap());
    let keys = [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET), region, file];
    let (said, _) = run(&["doctor", "--queue-url", &queue, "--profile", "other"], &keys);
    assert!(flat(&said).contains("credentials: profile other (AKIA…HER1), us-west-2"), "{said}");
    let signed = asked(&log);
    assert!(signed.iter().any(|line| line.contains(OTHER)), "{signed:?}");
    assert!(signed.iter().all(|line| !line.contains(KEY)), "{signed:?}");
    for (arguments, environment, named) in [
        (vec!["--profile", "prod"], vec![], "--profile"),
        (vec![], vec![("AWS_PROFILE", "prod")], "AWS_PROFILE"),
    ] {
        for command in [
            vec![],
            vec!["tail"],
            vec!["test-alert"],
            vec!["redrive", "slack"],
            vec!["backfill", "--since", "1h"],
        ] {
            let all = [command, vec!["--queue-url", &queue], arguments.clone()].concat();
            let (said, code) = run(&all, &[&keys[..], &environment].concat());
            assert_eq!(code, 2, "{all:?}: {said}");
            let said = flat(&said);
            assert!(
                said.contains("AWS profile \"prod\"")
                    && said.contains("default, other")
                    && said.contains(named),
                "{said}"
            );
        }
        let all = [vec!["doctor", "--queue-url", &queue], arguments].concat();
        let (said, code) = run(&all, &[&keys[..], &environment].concat());
        assert!(code == 1 && flat(&said).contains("AWS profile \"prod\""), "{said}");
    }
}

#[test]
fn a_missing_region_is_told_at_once_and_a_vpc_endpoint_is_asked_itself() {
    let queue = "https://queues.example.com/111122223333/iam-sentinel-console-oncall";
    for command in [vec![], vec!["tail"], vec!["test-alert"], vec!["redrive", "slack"]] {
        let (said, code) = run(&[command, vec!["--queue-url", queue]].concat(), &[]);
        assert!(code == 2 && flat(&said).contains("set --region or AWS_REGION"), "{said}");
    }
    for host in [
        "vpce-0a1b2c3d-x1y2z3.sqs.us-west-2.vpce.amazonaws.com",
        "sqs-fips.us-west-2.amazonaws.com",
        "sqs.us-west-2.api.aws",
    ] {
        let (url, log) = proxy(None);
        doctor(&format!("https://{host}/111122223333/iam-sentinel-console-oncall"), &[("HTTPS_PROXY", &url)]);
        assert!(asked(&log).contains(&format!("CONNECT {host}:443 HTTP/1.1")), "{host}: {:?}", asked(&log));
    }
    let (url, log) = proxy(None);
    doctor("https://us-west-2.queue.amazonaws.com/111122223333/q", &[("HTTPS_PROXY", &url)]);
    assert!(asked(&log).iter().any(|line| line.contains("us-west-2.amazonaws.com:443")), "{:?}", asked(&log));
}

#[test]
fn each_refusal_is_explained_by_who_refused_and_why() {
    let user = "User: arn:aws:sts::111122223333:assumed-role/oncall/ana is not authorized to perform: sqs:getqueueattributes on resource: arn:aws:sqs:us-west-2:111122223333:q";
    for (code, message, remedy) in [
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261124T010000Z is now earlier than 20261124T015500Z".to_owned(),
            "set this computer's clock",
        ),
        ("RequestTimeTooSkewed", "The difference is too large.".to_owned(), "set this computer's clock"),
        ("SignatureDoesNotMatch", "Signature not yet current".to_owned(), "set this computer's clock"),
        (
            "AccessDeniedException",
            format!("{user} with an explicit deny in a service control policy"),
            "ask your organization's administrators",
        ),
        ("AccessDeniedException", format!("{user} with an explicit deny in a VPC endpoint policy"), "allow"),
        (
            "AccessDeniedException",
            format!("{user} with an explicit deny in a resource-based policy"),
            "compare the policy of",
        ),
        (
            "AccessDeniedException",
            format!("{user} because no identity-based policy allows the sqs:getqueueattributes action"),
            "attach a policy that allows",
        ),
        (
            "KmsAccessDenied",
            "The ciphertext refers to a key that you may not use".to_owned(),
            "allow kms:Decrypt",
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired".to_owned(),
            "renew your credentials",
        ),
        (
            "UnrecognizedClientException",
            "The security token is invalid".to_owned(),
            "check the profile's keys",
        ),
        ("QueueDoesNotExist", "The specified queue does not exist.".to_owned(), "check the URL or ARN"),
    ] {
        let body = json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": message}).to_string();
        let (url, _) = server(move |_| (403, body.clone()));
        let queue = format!("{url}/111122223333/iam-sentinel-console-oncall");
        let said = flat(&doctor(&queue, &[("AWS_REGION", "us-west-2")]));
        assert!(said.contains(remedy), "{code} {message}: {said}");
    }
    let (url, _) = server(|_| (200, "<html>Sign in to the guest network</html>".to_owned()));
    let said = flat(&doctor(&format!("{url}/111122223333/q"), &[("AWS_REGION", "us-west-2")]));
    assert!(said.contains("response not from SQS"), "{said}");
}
