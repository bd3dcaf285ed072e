#!/bin/bash
# Run by the PostgreSQL image once, on an empty data folder.
set -euo pipefail
psql --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$(cat /run/secrets/owner_password)" \
    --set application="$(cat /run/secrets/application_password)" \
    --file /etc/daraje/roles.sql
