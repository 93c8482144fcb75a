//! The unix socket: where its file is, and who may connect.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::{
        fs::{PermissionsExt, chown},
        net::UnixListener as StdUnixListener,
    },
    path::Path,
};

use tempfile::TempPath;
use tokio::net::{UnixListener, UnixStream};

use crate::serve::{StartError, host_request::HostRequest};

/// A listening socket, whose file is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    listener: UnixListener,
    path: String,
    _file: TempPath,
}

impl Socket {
    /// Listens on a fresh name, `plugin` and something random, in the folder that the host wishes.
    ///
    /// None where no path of that folder can be an address: it is too long for `sun_path` (108 bytes on
    /// Linux, 104 on macOS), no UTF-8, or would break the handshake line apart.
    pub(super) fn bind(request: &HostRequest) -> Result<Option<Self>, StartError> {
        let folder = request.socket_folder.clone().unwrap_or_else(std::env::temp_dir);
        if folder.to_str().is_none_or(|path| path.contains(['|', '\n'])) {
            return Ok(None);
        }
        match Self::bind_in(&folder, request.socket_group.as_deref()) {
            Ok(socket) => Ok(Some(socket)),
            // How the standard library says that the path is too long.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(None),
            Err(source) => Err(StartError::Listen {
                address: format!("a socket in {}", folder.display()),
                source,
            }),
        }
    }

    fn bind_in(folder: &Path, group: Option<&str>) -> io::Result<Self> {
        let bound = tempfile::Builder::new()
            .prefix("plugin")
            .make_in(folder, |path| StdUnixListener::bind(path))?;
        let (listener, file) = bound.into_parts();
        // For the user alone, whatever the umask.
        fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        if let Some(group) = group {
            chown(&file, None, Some(group_id(group)?))?;
            fs::set_permissions(&file, Permissions::from_mode(0o660))?;
        }
        listener.set_nonblocking(true)?;
        let path = file
            .to_str()
            .map(String::from)
            .ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Self {
            listener: UnixListener::from_std(listener)?,
            path,
            _file: file,
        })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }
}

/// The id of a group that is given by id or by name.
///
/// Names are looked up in /etc/group alone: the C library's look-up loads modules at run time, which a static
/// binary cannot. A group of a directory service can be given by its id.
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    find_group(&fs::read_to_string("/etc/group")?, group).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!("no group {group:?} in /etc/group; give its id"),
        )
    })
}

/// The id of `name` in a file of lines such as `staff:x:50:user,user`.
fn find_group(file: &str, name: &str) -> Option<u32> {
    file.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name))
            .then(|| fields.nth(1))
            .flatten()?
            .parse()
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn request(folder: &Path) -> HostRequest {
        HostRequest {
            socket_folder: Some(folder.into()),
            ..HostRequest::default()
        }
    }

    #[tokio::test]
    async fn the_socket_is_the_users_alone_and_goes_with_the_listener() {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = Socket::bind(&request(folder.path()))
            .expect("it binds")
            .expect("the path fits");
        let file = Path::new(socket.path()).to_path_buf();
        assert!(
            file.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("plugin")),
            "{file:?}"
        );
        assert_eq!(file.parent(), Some(folder.path()));
        assert_eq!(fs::metadata(&file).expect("the file").mode() & 0o777, 0o600);
        drop(socket);
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn a_group_may_connect_where_the_host_wishes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = fs::metadata(folder.path()).expect("the folder").gid();
        let request = HostRequest {
            socket_group: Some(own.to_string()),
            ..request(folder.path())
        };
        let socket = Socket::bind(&request).expect("it binds").expect("the path fits");
        let metadata = fs::metadata(socket.path()).expect("the file");
        assert_eq!((metadata.mode() & 0o777, metadata.gid()), (0o660, own));
    }

    #[tokio::test]
    async fn an_unknown_group_is_refused_and_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let request = HostRequest {
            socket_group: Some("no such group".into()),
            ..request(folder.path())
        };
        assert!(matches!(Socket::bind(&request), Err(StartError::Listen { .. })));
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }

    #[tokio::test]
    async fn paths_that_cannot_be_an_address_leave_it_to_tcp() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["x".repeat(120), "a|b".into(), "a\nb".into()] {
            let folder = root.path().join(&name);
            fs::create_dir(&folder).expect("a folder");
            assert!(
                Socket::bind(&request(&folder)).expect("no error").is_none(),
                "{name:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_an_error() {
        let root = tempfile::tempdir().expect("a folder");
        assert!(matches!(
            Socket::bind(&request(&root.path().join("none"))),
            Err(StartError::Listen { .. })
        ));
    }

    #[test]
    fn groups_are_found_by_name() {
        let file = "root:x:0:\nstaff:x:50:ann,bob\nbroken\nodd:x:no:\n";
        let table = [
            ("root", Some(0)),
            ("staff", Some(50)),
            ("sta", None),
            ("broken", None),
            ("odd", None),
        ];
        for (name, id) in table {
            assert_eq!(find_group(file, name), id, "{name}");
        }
    }
}
