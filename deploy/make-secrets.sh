#!/bin/sh
# Makes what is missing in a folder of secrets, and changes nothing that is there.
#   deploy/make-secrets.sh [FOLDER [DATABASE_HOST:PORT]]      default: deploy/secrets postgres:5432
set -eu
folder=${1:-$(dirname "$0")/secrets}
database=${2:-postgres:5432}
umask 077
mkdir -p "$folder"
cd "$folder"

# $1 is the file; the rest is the command whose output it keeps.
keep() {
    file=$1
    shift
    [ -s "$file" ] || "$@" >"$file"
}

for name in superuser_password owner_password application_password s3_access_key s3_secret_key; do
    keep "$name" openssl rand -hex 20
done
for name in secret_key journal_key; do
    keep "$name" openssl rand -base64 32
done
keep database_url echo "postgresql://portal:$(cat application_password)@$database/portal"
keep migration_database_url echo "postgresql://portal_owner:$(cat owner_password)@$database/portal"

# The folder is closed to other users of this machine. The files are not: each container reads its own under a
# user that the machine does not know.
chmod 0444 ./*
ls -l
