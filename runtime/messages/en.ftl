# Texts of multaqa-runtime. `.act` is a token: who must act. `.next` holds the next command.

CONFIG_FILE_UNREADABLE = The configuration file { $file } cannot be read: { $detail }.
    .act = operator
    .next = Check the path and its permissions with `ls -ld { $file }`, or name another file with `--config FILE`.

CONFIG_FILE_TOO_LARGE = The configuration file { $file } is larger than { $limit } bytes.
    .act = operator
    .next = See what it holds with `head -c 1000 { $file }`, and name the right file with `--config FILE`.

CONFIG_SYNTAX = The configuration file { $file } is not valid TOML: { $detail }.
    .act = operator
    .next = Correct the line with `editor { $file }` and start again.

CONFIG_UNKNOWN_KEY = { $origin } sets `{ $key }`, which is not a configuration key.{ $nearest ->
        [none] {""}
       *[other] {" "}Did you mean `{ $nearest }`?
    }
    .act = operator
    .next = Correct or remove the key in { $origin }; `config show` lists every key with its value and origin.

CONFIG_UNKNOWN_VARIABLE = The environment variable { $variable } names the configuration key `{ $key }`, which does not exist.{ $nearest ->
        [none] {""}
       *[other] {" "}The nearest key is `{ $nearest }`.
    }
    .act = operator
    .next = Remove it with `unset { $variable }`, or correct its name: two underscores between section and key.

CONFIG_BAD_VALUE = The value of `{ $key }` in { $origin } is not acceptable: { $detail }.
    .act = operator
    .next = Correct the value in { $origin }, then check it with `config show`.

CONFIG_BAD_LOG_FILTER = The log filter `{ $filter }` cannot be understood: { $detail }.
    .act = operator
    .next = Give a filter such as `--log info`, or correct `log.filter` in the configuration file.

CONFIG_ADMIN_NOT_LOOPBACK = The admin listener may not use { $address }: it answers without authentication and must stay on this machine.
    .act = operator
    .next = Set a loopback address such as `127.0.0.1:9400`, then check it with `config show`.

SECRET_UNREADABLE = The secret file { $path } cannot be read: { $detail }.
    .act = operator
    .next = Check the path and its owner with `ls -l { $path }`.

SECRET_TOO_OPEN = The secret file { $path } may be read or changed by others (mode { $mode }).
    .act = operator
    .next = Restrict it with `chmod 600 { $path }`, and replace the secret if others may have read it.

SECRET_TOO_LARGE = The secret file { $path } is larger than { $limit } bytes.
    .act = operator
    .next = Check with `ls -l { $path }` that the path names the secret and not another file.

SECRET_NOT_TEXT = The secret in { $path } must be text but is not UTF-8.
    .act = operator
    .next = Find out what the file is with `file { $path }`, and put the right one in its place.

SECRET_BAD_NAME = `{ $name }` is not the name of a credential: letters, digits, `-`, `_` and `.` only, and no path.
    .act = operator
    .next = List the credentials of the service with `systemd-creds list`, and write `credential:NAME`.

SECRET_NO_DIRECTORY = The credential `{ $name }` is asked for, but the service manager has provided no credential directory.
    .act = operator
    .next = Add `LoadCredential={ $name }:PATH` to the unit and run `systemctl daemon-reload`, or name a file instead.

RUNTIME_NOT_STARTED = The process could not start its threads: { $detail }.
    .act = operator
    .next = Compare the limits that `ulimit -a` shows with what the machine needs.

SIGNALS_UNAVAILABLE = The process cannot listen to signals: { $detail }.
    .act = operator
    .next = Compare the limits that `ulimit -a` shows with what the machine needs.

TELEMETRY_NOT_STARTED = Logging or metrics could not be started: { $detail }.
    .act = operator
    .next = Start again with `--log debug`, and report the lines that it prints.

LISTEN_FAILED = { $address } cannot be listened on: { $detail }.
    .act = operator
    .next = See who uses it with `ss -lntxp`, or set another address in the configuration.

LISTEN_SOCKET_IN_USE = Another process already serves the socket { $path }.
    .act = operator
    .next = Find it with `ss -lxp`, and stop it or set another path in the configuration.

TASK_PANICKED = The part `{ $task }` of the process failed in a way that was not foreseen: { $detail }. The process has stopped.
    .act = operator
    .next = Start again with `--log debug`, and report the lines before the failure.

TASK_ENDED_EARLY = The part `{ $task }` of the process ended although nothing had asked it to. The process has stopped.
    .act = operator
    .next = Start again with `--log debug`, and report the lines before the end.

DRAIN_TOO_SLOW = The process did not finish its work within { $seconds } s and was ended; still busy: { $tasks }.
    .act = operator
    .next = Start again and check the data with `fsck`. If it recurs, `--log debug` shows what holds it up.

DRAIN_ABORTED = A second signal ended the process before its work was finished; still busy: { $tasks }.
    .act = operator
    .next = Start again and check the data with `fsck`.

OUTPUT_FAILED = The result cannot be written to standard output: { $detail }.
    .act = operator
    .next = Check the space that is left with `df -h .`, and repeat the command.

BACKUP_EXISTS = There is something at { $path } already: a backup overwrites nothing.
    .act = operator
    .next = Name another place with `--out DIR`, for example with the date in it.

BACKUP_FAILED = The disk refused at { $path }: { $detail }.
    .act = operator
    .next = Look at the space that is left and at the permissions with `df -h` and `ls -ld { $path }`, and repeat the command.

BACKUP_MISSING = { $path } holds no backup.
    .act = operator
    .next = Look at what is there with `ls -l { $path }`, and name the directory that holds manifest.json.

BACKUP_MANIFEST_BAD = The manifest of the backup { $path } cannot be understood: { $detail }.
    .act = operator
    .next = Try an older backup with `backup verify DIR`, and make a new one.

BACKUP_OF_OTHER = The backup { $path } is one of a { $found }, not of a { $expected }.
    .act = operator
    .next = Use the program of its own: `multaqa-{ $found } backup verify { $path }`.

BACKUP_FILE_CHANGED = The file { $file } of the backup { $path } is not what its manifest says: { $detail }.
    .act = operator
    .next = Do not restore it. Look for another copy of the same backup with `ls -l`, or take an older one.

BACKUP_UNSOUND = What the backup { $path } holds does not check out: { $count ->
        [one] 1 finding
       *[other] { $count } findings
    }.
    .act = operator
    .next = Take an older backup, check the running one with `fsck`, and make a new backup from it.

RESTORE_TARGET_USED = There is a database at { $path } already: nothing is restored over it.
    .act = operator
    .next = Stop the program, put the file away with `mv { $path } { $path }.before` (and its -wal and -shm, where there are any), and repeat the command.
