//! A profile as it counts: variables filled in, paths relative to the file, times, dates and rules read.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use super::file::{CredentialsEntry, DateEntry, File, FileError, OneOrSeveral, ProfileEntry, ReadingEntry};
use super::fill::Filled;
use crate::cli::config::source::Source;
use crate::cli::config::values::{base_path, duration, header, rate};
use crate::names::nearest;
use crate::rule::Keyword;
use crate::settle::{Reading, Settlement};
use crate::target::Rate;
use crate::verdict::Waiver;

/// The settings of one profile.
#[derive(Default)]
pub(in crate::cli) struct Profile {
    pub(in crate::cli) url: Option<Filled>,
    pub(in crate::cli) task_ids: Vec<Filled>,
    pub(in crate::cli) set: Vec<(String, Filled)>,
    pub(in crate::cli) headers: Vec<Header>,
    pub(in crate::cli) credentials: Option<Credentials>,
    /// Security schemes of the document, each with the variable that holds its credential.
    pub(in crate::cli) schemes: Vec<(String, String)>,
    pub(in crate::cli) timeout: Option<Duration>,
    pub(in crate::cli) concurrency: Option<u16>,
    pub(in crate::cli) rate: Option<Rate>,
    pub(in crate::cli) max_requests: Option<u64>,
    pub(in crate::cli) max_time: Option<Duration>,
    pub(in crate::cli) max_crashes: Option<u64>,
    pub(in crate::cli) patience: Option<Duration>,
    pub(in crate::cli) proxy: Option<Filled>,
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// The client's certificate, and its key.
    pub(in crate::cli) client: Option<(PathBuf, PathBuf)>,
    /// The document to test by: a path, or a URL.
    pub(in crate::cli) contract: Option<PathBuf>,
    pub(in crate::cli) base_path: Option<String>,
    pub(in crate::cli) restore: Option<PathBuf>,
    pub(in crate::cli) snapshots: Option<PathBuf>,
    pub(in crate::cli) allow_hosts: Vec<Filled>,
    pub(in crate::cli) assert_formats: bool,
    pub(in crate::cli) settled: Vec<Settlement>,
    pub(in crate::cli) waivers: Vec<Waiver>,
}

/// A header of the user's own.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Header {
    pub(in crate::cli) name: String,
    pub(in crate::cli) value: Filled,
    /// Whether the user says that its value may be shown.
    pub(in crate::cli) is_plain: bool,
}

/// How the caller is known to the target.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Credentials {
    /// By a token in a variable.
    TokenVariable(String),
    /// By a token in a file.
    TokenFile(PathBuf),
    /// By a token that a command prints.
    TokenCommand(String),
    /// By a token from the identity service.
    Iam { url: Filled, user: Filled, password: Filled, domain: Filled, project: Filled },
    /// By a signature.
    Signing { access_key: Filled, secret_key: Filled, project_id: Filled },
}

/// The most requests in flight that a profile can ask for, as on the command line.
const MOST_IN_FLIGHT: u16 = 256;

impl File {
    /// The profile of this name; nothing where the file has none.
    pub(in crate::cli) fn profile(
        &self,
        name: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Result<Profile, FileError>> {
        let entry = self.profiles.get(name)?;
        Some(Resolver { file: self, name, variable, harmless: &entry.plain_variables }.profile(entry))
    }
}

/// Reads the values of one profile.
struct Resolver<'a> {
    file: &'a File,
    name: &'a str,
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// Variables whose values may be shown.
    harmless: &'a [String],
}

impl Resolver<'_> {
    fn profile(&self, entry: &ProfileEntry) -> Result<Profile, FileError> {
        let client = match (&entry.client_certificate, &entry.client_key) {
            (Some(certificate), Some(key)) => {
                Some((self.path(&["client_certificate"], certificate)?, self.path(&["client_key"], key)?))
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(self.error(&["client_certificate"], "is of no use without `client_key`; add it"));
            }
            (None, Some(_)) => {
                return Err(self.error(&["client_key"], "is of no use without `client_certificate`; add it"));
            }
        };
        Ok(Profile {
            url: entry.url.as_ref().map(|url| self.filled(&["url"], url)).transpose()?,
            task_ids: self.task_ids(entry)?,
            set: self.set(entry)?,
            headers: self.headers(entry)?,
            credentials: match &entry.credentials {
                Some(entry) => self.credentials(entry)?,
                None => None,
            },
            schemes: self.schemes(entry)?,
            timeout: self.parsed(&["timeout"], entry.timeout.as_ref(), duration)?,
            concurrency: match entry.concurrency {
                Some(number) if !(1..=MOST_IN_FLIGHT).contains(&number) => {
                    return Err(
                        self.error(&["concurrency"], format!("{number} is not from 1 to {MOST_IN_FLIGHT}; correct it"))
                    );
                }
                number => number,
            },
            rate: self.parsed(&["rate"], entry.rate.as_ref(), rate)?,
            max_requests: self.above_zero("max_requests", entry.max_requests)?,
            max_time: self.parsed(&["max_time"], entry.max_time.as_ref(), duration)?,
            max_crashes: self.above_zero("max_crashes", entry.max_crashes)?,
            patience: self.parsed(&["patience"], entry.patience.as_ref(), duration)?,
            proxy: entry.proxy.as_ref().map(|proxy| self.filled(&["proxy"], proxy)).transpose()?,
            ca_file: entry.ca_file.as_ref().map(|path| self.path(&["ca_file"], path)).transpose()?,
            client,
            contract: entry.contract.as_ref().map(|written| self.document(written)).transpose()?,
            base_path: self.parsed(&["base_path"], entry.base_path.as_ref(), base_path)?,
            restore: entry.restore.as_ref().map(|path| self.path(&["restore"], path)).transpose()?,
            snapshots: entry.snapshots.as_ref().map(|path| self.path(&["snapshots"], path)).transpose()?,
            allow_hosts: numbered("allow_host", &entry.allow_host, |steps, host| self.filled(steps, host))?,
            assert_formats: entry.assert_formats,
            settled: numbered("settled", &entry.settled, |steps, entry| {
                let keyword = |text: &str| Keyword::from_str(text).map_err(|_| unknown_keyword(text));
                Ok(Settlement {
                    place: entry.place.clone(),
                    keyword: keyword(&entry.keyword).map_err(|why| self.error(&[steps, &["keyword"]].concat(), why))?,
                    bound: entry.bound.clone(),
                    reading: match entry.reading {
                        ReadingEntry::Accepted => Reading::Accepted,
                        ReadingEntry::Refused => Reading::Refused,
                    },
                })
            })?,
            waivers: numbered("waivers", &entry.waivers, |steps, entry| {
                if entry.reason.trim().is_empty() {
                    return Err(
                        self.error(&[steps, &["reason"]].concat(), "is empty; say why the finding is tolerated")
                    );
                }
                let expires = date(&entry.expires).map_err(|why| self.error(&[steps, &["expires"]].concat(), why))?;
                Ok(Waiver { id: entry.id.clone(), reason: entry.reason.clone(), expires })
            })?,
        })
    }

    fn task_ids(&self, entry: &ProfileEntry) -> Result<Vec<Filled>, FileError> {
        match &entry.task_id {
            None => Ok(Vec::new()),
            Some(OneOrSeveral::One(id)) => Ok(vec![self.filled(&["task_id"], id)?]),
            Some(OneOrSeveral::Several(ids)) if ids.is_empty() => {
                Err(self.error(&["task_id"], "names none; name one that nobody needs, or leave it out"))
            }
            Some(OneOrSeveral::Several(ids)) => numbered("task_id", ids, |steps, id| self.filled(steps, id)),
        }
    }

    fn set(&self, entry: &ProfileEntry) -> Result<Vec<(String, Filled)>, FileError> {
        let read =
            |(place, value): (&String, &String)| Ok((place.clone(), self.filled(&["set", place.as_str()], value)?));
        entry.set.iter().map(read).collect()
    }

    fn headers(&self, entry: &ProfileEntry) -> Result<Vec<Header>, FileError> {
        let read = |key: &'static str, is_plain: bool, name: &String, value: &String| {
            let steps = [key, name.as_str()];
            let value = self.filled(&steps, value)?;
            // The same demands as on the command line.
            header(&format!("{name}: {}", value.expose())).map_err(|why| self.error(&steps, why))?;
            Ok(Header { name: name.clone(), value, is_plain })
        };
        let hidden = entry.headers.iter().map(|(name, value)| read("headers", false, name, value));
        let plain = entry.plain_headers.iter().map(|(name, value)| read("plain_headers", true, name, value));
        hidden.chain(plain).collect()
    }

    fn schemes(&self, entry: &ProfileEntry) -> Result<Vec<(String, String)>, FileError> {
        let schemes = entry.credentials.iter().flat_map(|entry| &entry.schemes);
        let read = |(name, variable): (&String, &String)| {
            let variable = self.text(&["credentials", "schemes", name], Some(variable))?;
            Ok((name.clone(), variable.unwrap_or_default()))
        };
        schemes.map(read).collect()
    }

    fn credentials(&self, entry: &CredentialsEntry) -> Result<Option<Credentials>, FileError> {
        const KINDS: &str = "token_env, token_file, token_command, iam, signing, schemes";
        let field = |kind, name, written: &String| self.filled(&["credentials", kind, name], written);
        let mut given: Vec<Credentials> = Vec::new();
        if let Some(variable) = self.text(&["credentials", "token_env"], entry.token_env.as_ref())? {
            given.push(Credentials::TokenVariable(variable));
        }
        if let Some(path) = &entry.token_file {
            given.push(Credentials::TokenFile(self.path(&["credentials", "token_file"], path)?));
        }
        // The command is the shell's, and so are its variables.
        given.extend(entry.token_command.clone().map(Credentials::TokenCommand));
        if let Some(iam) = &entry.iam {
            given.push(Credentials::Iam {
                url: field("iam", "url", &iam.url)?,
                user: field("iam", "user", &iam.user)?,
                password: field("iam", "password", &iam.password)?,
                domain: field("iam", "domain", &iam.domain)?,
                project: field("iam", "project", &iam.project)?,
            });
        }
        if let Some(signing) = &entry.signing {
            given.push(Credentials::Signing {
                access_key: field("signing", "access_key", &signing.access_key)?,
                secret_key: field("signing", "secret_key", &signing.secret_key)?,
                project_id: field("signing", "project_id", &signing.project_id)?,
            });
        }
        match given.len() {
            0 if !entry.schemes.is_empty() => Ok(None),
            1 if entry.schemes.is_empty() => Ok(given.pop()),
            0 => Err(self.error(&["credentials"], format!("names none; add one of {KINDS}"))),
            _ => Err(self.error(&["credentials"], format!("are several; leave one of {KINDS}"))),
        }
    }

    fn above_zero(&self, key: &str, number: Option<u64>) -> Result<Option<u64>, FileError> {
        match number {
            Some(0) => Err(self.error(&[key], "0 is not above 0; correct it, or leave it out")),
            number => Ok(number),
        }
    }

    fn filled(&self, steps: &[&str], written: &str) -> Result<Filled, FileError> {
        Filled::new(written, self.variable, self.harmless).map_err(|why| self.error(steps, why))
    }

    fn text(&self, steps: &[&str], written: Option<&String>) -> Result<Option<String>, FileError> {
        written.map(|written| self.filled(steps, written).map(|filled| plain(&filled))).transpose()
    }

    fn parsed<T>(
        &self,
        steps: &[&str],
        written: Option<&String>,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, FileError> {
        let read = |written: &String| {
            let filled = self.filled(steps, written)?;
            let wrong = |why| self.error(steps, format!("`{}` is no such value: {why}", filled.shown()));
            parse(filled.expose()).map_err(wrong)
        };
        written.map(read).transpose()
    }

    /// A path, relative to the file's folder.
    /// Where a document is: a URL as it stands, or a path.
    fn document(&self, written: &str) -> Result<PathBuf, FileError> {
        let text = PathBuf::from(plain(&self.filled(&["contract"], written)?));
        match Source::of(&text) {
            Source::Url(_) => Ok(text),
            Source::File(_) => self.path(&["contract"], written),
        }
    }

    fn path(&self, steps: &[&str], written: &str) -> Result<PathBuf, FileError> {
        let text = plain(&self.filled(steps, written)?);
        if text.is_empty() {
            return Err(self.error(steps, "is empty; give a path, relative to this file"));
        }
        let folder = self.file.path.parent().unwrap_or(std::path::Path::new(""));
        Ok(folder.join(text))
    }

    fn error(&self, steps: &[&str], problem: impl Into<String>) -> FileError {
        self.file.error(&[&["profile", self.name], steps].concat(), problem.into())
    }
}

/// Reads the elements of a list, each with the steps to it.
fn numbered<T, U>(
    key: &str,
    entries: &[T],
    read: impl Fn(&[&str], &T) -> Result<U, FileError>,
) -> Result<Vec<U>, FileError> {
    let number = |(number, entry): (usize, &T)| read(&[key, &number.to_string()], entry);
    entries.iter().enumerate().map(number).collect()
}

/// A value that is no secret, whatever it was filled with.
fn plain(filled: &Filled) -> String {
    filled.expose().to_owned()
}

fn unknown_keyword(text: &str) -> String {
    let hint = nearest(text, Keyword::ALL.iter().map(|keyword| keyword.as_str()));
    format!("no keyword is called `{text}`{hint}; `fencepost rules` lists them")
}

/// A date in the one form that sorts as dates do.
fn date(entry: &DateEntry) -> Result<String, String> {
    let text = match entry {
        DateEntry::Text(text) => text.clone(),
        DateEntry::Native(date) => date.to_string(),
    };
    match text.parse::<jiff::civil::Date>() {
        Ok(date) if date.to_string() == text => Ok(text),
        _ => Err(format!("`{text}` is no date; write it as YYYY-MM-DD, such as 2030-12-31")),
    }
}
