//! `terraform-provider-private leftovers`: finds and removes what creates left behind that were killed and never applied
//! again.
//!
//! ```text
//!  arguments ─▶ inventory (reads AWS) ─▶ verdict (pure: what is left over, what is kept and why) ─▶ show
//!                     ▲                                        │ --remove, confirmed
//!                     └────────── looked at again ◀────────────┘──▶ invocation::remove, as a destroy would
//! ```

mod arguments;
mod inventory;
mod show;
mod verdict;

use std::io::{self, BufRead as _, Write as _};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arguments::{Arguments, Request};
use inventory::Inventory;
use tokio::time::Instant;
use verdict::Holding;

use crate::aws::{AwsError, Settings, Unusable};
use crate::client::{Aws, Regions};
use crate::component::ComponentError;
use crate::invocation;

/// The word after which the process is this command and no plugin.
pub const COMMAND: &str = "leftovers";

/// There is something left over: listed, or not confirmed.
const LEFT_OVER: u8 = 2;

/// How long the removal of one holder's objects may take: as long as a destroy by default.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// How often a removal that goes on is told.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// Why the command ends without having done what it was asked for.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}\n\nSee terraform-provider-private leftovers --help.")]
    Usage(String),
    #[error("{0}. Set AWS_REGION, or give --region.")]
    Region(Unusable),
    #[error("AWS cannot be called with these settings: {0}")]
    Settings(Unusable),
    #[error("What is there cannot be seen as a whole, so nothing is called left over: {0}")]
    Unseen(#[from] AwsError),
    #[error("What is there cannot be seen as a whole, so nothing is called left over: {0}")]
    Component(#[from] ComponentError),
    #[error("{0} could not be removed whole. Run this again; it goes on where it stopped.\n\n{1}")]
    Removal(String, Box<reconcile::Error<ComponentError>>),
    #[error("the output is gone: {0}")]
    Output(#[from] io::Error),
    #[error("this process cannot run: {0}")]
    Process(io::Error),
}

/// Runs the command with the arguments that follow [`COMMAND`].
pub fn main(arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let ran = match arguments::parse(arguments) {
        Ok(Request::Help) => say(arguments::HELP).map(|()| ExitCode::SUCCESS),
        Ok(Request::Run(arguments)) => within_runtime(&arguments),
        Err(wrong) => Err(Failed::Usage(wrong)),
    };
    ran.unwrap_or_else(|error| {
        // Without standard error there is nobody left to tell.
        let _ = writeln!(io::stderr(), "Error: {error}");
        ExitCode::FAILURE
    })
}

fn within_runtime(arguments: &Arguments) -> Result<ExitCode, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failed::Process)?.block_on(run(arguments))
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Failed> {
    let aws = aws(arguments).await?;
    let (inventory, holdings) = look(&aws, arguments).await?;
    say(&show::show(arguments.format, &inventory.place, &holdings))?;
    let left: Vec<&Holding> = holdings.iter().filter(|holding| holding.is_left_over()).collect();
    if left.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.remove || !(arguments.yes || confirmed(&inventory, &left)?) {
        return Ok(ExitCode::from(LEFT_OVER));
    }
    let mut kept = false;
    for holding in left {
        // The question may have stood for long: what was taken up meanwhile is not left over any more. With clients of
        // its own, whose listings are new.
        let aws = self::aws(arguments).await?;
        let (_, now) = look(&aws, arguments).await?;
        if !now
            .iter()
            .any(|now| now.is_left_over() && now.objects_equal(holding))
        {
            tell(&format!("Kept {holding}: it has changed since it was listed."))?;
            kept = true;
            continue;
        }
        let removed = telling(holding, async {
            invocation::remove(&aws, &holding.holder.owner(), holding.recorded(), PATIENCE).await
        });
        removed
            .await?
            .map_err(|error| Failed::Removal(holding.to_string(), Box::new(error)))?;
        tell(&format!("Removed {holding}."))?;
    }
    Ok(if kept {
        ExitCode::from(LEFT_OVER)
    } else {
        ExitCode::SUCCESS
    })
}

/// Tells every now and then that a removal goes on: AWS takes minutes for a connection or a gateway.
async fn telling<T>(holding: &Holding, removal: impl Future<Output = T>) -> Result<T, Failed> {
    tell(&format!("Removing {holding} …"))?;
    let mut clock = tokio::time::interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
    let began = Instant::now();
    let mut removal = pin!(removal);
    loop {
        tokio::select! {
            removed = &mut removal => return Ok(removed),
            _ = clock.tick() => tell(&format!(
                "Still removing {holding}, for {} s; it is given up after {} min. Stopped, it goes on when this is run again.",
                began.elapsed().as_secs(),
                PATIENCE.as_secs() / 60
            ))?,
        }
    }
}

/// AWS as the arguments and the environment name it.
async fn aws(arguments: &Arguments) -> Result<Arc<Aws>, Failed> {
    let settings = Settings {
        region: arguments.region.clone(),
        profile: arguments.profile.clone(),
        ..Settings::default()
    };
    let regions = Regions::new(settings).await.map_err(|error| match error {
        Unusable::NoRegion => Failed::Region(error),
        error => Failed::Settings(error),
    });
    Ok(regions?.get(None))
}

async fn look(aws: &Aws, arguments: &Arguments) -> Result<(Inventory, Vec<Holding>), Failed> {
    let inventory = inventory::take(aws).await?;
    let holdings = verdict::judge(&inventory, SystemTime::now(), arguments.older_than);
    Ok((inventory, holdings))
}

/// Asks whoever sits there; an input that has ended says no.
fn confirmed(inventory: &Inventory, left: &[&Holding]) -> Result<bool, Failed> {
    let objects: usize = left.iter().map(|holding| holding.objects.len()).sum();
    let place = &inventory.place;
    let mut prompt = io::stderr().lock();
    write!(
        prompt,
        "\nRemove these {objects} objects of account {} in {}? Make sure that no apply of theirs is running.\nOnly 'yes' \
         is accepted: ",
        place.account, place.region
    )?;
    prompt.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn say(text: &str) -> Result<(), Failed> {
    Ok(writeln!(io::stdout().lock(), "{}", text.trim_end())?)
}

/// What is told beside the result, which a program may be reading.
fn tell(text: &str) -> Result<(), Failed> {
    Ok(writeln!(io::stderr().lock(), "{text}")?)
}
