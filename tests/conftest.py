"""What every test stands on: real PostGIS and Redis (from DATABASE_URL and REDIS_URL), no network beyond loopback."""
