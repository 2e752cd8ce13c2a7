//! Answers without an end: whoever answers in a service's place must not fill the function's memory.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// A server that answers every request with a body that does not end, of at most 64 MiB, and counts
/// what was taken of it.
fn endless(status: &'static str) -> (String, Arc<AtomicU64>) {
    const MOST: u64 = 64 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&taken);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let counter = Arc::clone(&counter);
            std::thread::spawn(move || {
                let mut request = vec![0; 65_536];
                let _ = stream.read(&mut request);
                let head =
                    format!("HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {MOST}\r\n\r\n");
                let _ = stream.write_all(head.as_bytes());
                let chunk = vec![b'x'; 65_536];
                while counter.load(Ordering::Relaxed) < MOST && stream.write_all(&chunk).is_ok() {
                    counter.fetch_add(65_536, Ordering::Relaxed);
                }
            });
        }
    });
    (address, taken)
}

/// Some of it lies in the sockets' buffers and is never read.
const FEW: u64 = 16 << 20;

#[tokio::test]
async fn slacks_error_is_read_to_its_first_word_and_no_further() {
    let (slack, taken) = endless("404 Not Found");
    let aws = MockServer::start().await;
    let sentinel =
        Bench::instance_at(&slack, &aws.uri(), SlackDelivery::Queue, Duration::ZERO, Severity::Low);
    let body = alert("a").to_message(262_144).unwrap();
    let answer = sentinel.handle(batch(&[&body])).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{"itemIdentifier": "m0"}]));
    assert!(taken.load(Ordering::Relaxed) < FEW, "{taken:?} bytes were taken");
}

#[tokio::test]
async fn answers_of_aws_are_read_to_their_largest_size_and_no_further() {
    for status in ["200 OK", "500 Internal Server Error"] {
        let (aws, taken) = endless(status);
        let slack = MockServer::start().await;
        let sentinel =
            Bench::instance_at(&slack.uri(), &aws, SlackDelivery::Queue, Duration::ZERO, Severity::Low);
        let error = sentinel.handle(record()).await.unwrap_err().to_string();
        assert!(error.contains("SNS rejected the message"), "{status}: {error}");
        assert!(taken.load(Ordering::Relaxed) < 2 * FEW, "{status}: {taken:?} bytes were taken");
    }
}
