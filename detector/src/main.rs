//! The Lambda function's `bootstrap`. All of it is in [`detector::lambda`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    detector::lambda::run().await
}
