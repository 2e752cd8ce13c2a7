//! The pace from instance to instance, what Slack may ask for, and what a batch without time says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

const PACE: Duration = Duration::from_millis(80);

fn body(id: &str) -> String {
    alert(id).to_message(262_144).unwrap()
}

#[tokio::test]
async fn batches_that_go_to_one_instance_and_the_other_keep_the_pace_too() {
    let bench = Bench::with(SlackDelivery::Queue, PACE, Severity::Low).await;
    let other = Bench::instance(&bench.slack, &bench.aws, SlackDelivery::Queue, PACE, Severity::Low);
    let came: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let notes = Arc::clone(&came);
    let answer = move |_: &wiremock::Request| {
        notes.lock().unwrap().push(Instant::now());
        ok()
    };
    Mock::given(method("POST")).respond_with(answer).mount(&bench.slack).await;
    for n in 0..3 {
        bench.sentinel.handle(batch(&[&body(&format!("a{n}"))])).await.unwrap();
        other.handle(batch(&[&body(&format!("b{n}"))])).await.unwrap();
    }
    let came = came.lock().unwrap();
    let gap = came.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(came.len() == 6 && gap >= PACE, "{} posts, smallest gap {gap:?}", came.len());
}

#[tokio::test]
async fn slack_may_ask_for_an_hour_and_no_longer() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    bench.sns_answers(200).await;
    bench.slack_answers(1, ResponseTemplate::new(429).insert_header("Retry-After", "99999999999")).await;
    let error = bench.sentinel.handle(record()).await.unwrap_err();
    assert_eq!(error.to_string(), "Slack rate limit: retry after 3600 s (429)");
}

/// Bytes that were logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_batch_without_time_left_is_no_error() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // With such a pace no batch has time for a post.
    let bench = Bench::with(SlackDelivery::Queue, Duration::from_secs(60), Severity::Low).await;
    let ids = ["a", "b", "c"];
    let bodies = ids.map(|id| Alert { account: Some(id.into()), ..alert(id) }.to_message(262_144).unwrap());
    let mut metrics = Metrics::default();
    let input = batch(&[&bodies[0], &bodies[1], &bodies[2]]);
    let answer = bench.sentinel.serve(input, &mut metrics).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 3);
    assert_eq!((metrics.slack_failed, bench.posts().await), (0, 0));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.matches("Slack rate limit").count(), 3, "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}
