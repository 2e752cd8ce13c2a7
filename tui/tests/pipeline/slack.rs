//! A Slack that does what it is told: answers by a script, and takes what comes after it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;
use tokio::runtime::Runtime;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::PATIENCE;

/// The secret part of the webhook that the function is given.
pub(crate) const SECRET: &str = "SecretOfTheStub";

pub(crate) struct Slack {
    server: Option<MockServer>,
    runtime: Runtime,
    script: Script,
}

#[derive(Clone, Default)]
struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: VecDeque<ResponseTemplate>,
    taken: Vec<Value>,
    refused: usize,
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        if let Some(answer) = state.next.pop_front() {
            state.refused += 1;
            return answer;
        }
        state.taken.push(request.body_json().unwrap());
        ResponseTemplate::new(200).set_body_string("ok")
    }
}

impl Slack {
    pub(crate) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let script = Script::default();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            let path = matchers::path(format!("/services/{SECRET}"));
            Mock::given(matchers::method("POST")).and(path).respond_with(script.clone()).mount(&server).await;
            server
        });
        Self { server: Some(server), runtime, script }
    }

    pub(crate) fn webhook(&self) -> String {
        format!("{}/services/{SECRET}", self.server.as_ref().unwrap().uri())
    }

    /// Sets the answers to the next posts. All posts after those are accepted.
    pub(crate) fn answer_next(&self, answers: impl IntoIterator<Item = ResponseTemplate>) {
        self.script.0.lock().unwrap().next.extend(answers);
    }

    /// Number of posts that were answered by the script, and so not accepted.
    pub(crate) fn refused(&self) -> usize {
        self.script.0.lock().unwrap().refused
    }

    /// Number of posts that were accepted so far.
    pub(crate) fn count(&self) -> usize {
        self.script.0.lock().unwrap().taken.len()
    }

    /// Posts that were accepted after the first `count`.
    pub(crate) fn since(&self, count: usize) -> Vec<String> {
        self.script.0.lock().unwrap().taken.iter().skip(count).map(Value::to_string).collect()
    }

    /// Waits for a post that is so.
    pub(crate) fn wait_for_post(&self, is_so: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let posts = self.since(0);
            if let Some(post) = posts.iter().find(|post| is_so(post)) {
                return post.clone();
            }
            assert!(Instant::now() < end, "Slack was not told so: {posts:#?}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// Waits for the one post that names this user.
    pub(crate) fn wait_for_one(&self, user: &str) -> String {
        let word = |c: char| c.is_alphanumeric() || c == '-';
        let names = |post: &str| post.split(|c| !word(c)).any(|found| found == user);
        let post = self.wait_for_post(names);
        let told = self.since(0).iter().filter(|post| names(post)).count();
        assert_eq!(told, 1, "{user} was told {told} times");
        post
    }

    /// No post came twice.
    pub(crate) fn assert_told_once(&self) {
        let mut posts = self.since(0);
        posts.sort();
        for pair in posts.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}

impl Drop for Slack {
    fn drop(&mut self) {
        // A server ends inside its runtime.
        let server = self.server.take();
        self.runtime.block_on(async { drop(server) });
    }
}
