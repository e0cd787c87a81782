<?php
// Reads from a national node over REST and publishes through it, with PHP 8 and its curl extension.
//
// usage: php read_and_publish.php https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]

declare(strict_types=1);

/** One connection to the node's port: TLS 1.3, with the certificate that `multaqa-node client add` wrote. */
final class Node
{
    private CurlHandle $line;

    public function __construct(private string $url, string $certificate, string $key, string $ca)
    {
        $this->line = curl_init();
        curl_setopt_array($this->line, [
            CURLOPT_SSLCERT => $certificate,
            CURLOPT_SSLKEY => $key,
            CURLOPT_CAINFO => $ca,
            CURLOPT_SSLVERSION => CURL_SSLVERSION_TLSv1_3,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 60,
            CURLOPT_HTTPHEADER => ['Accept-Language: ar, fr;q=0.8, en;q=0.6', 'Content-Type: application/json'],
        ]);
    }

    /** The answer's JSON. A refusal is a problem (RFC 9457): it says what happened and what to do next. */
    public function ask(string $method, string $path, array $query = [], ?string $body = null, array &$headers = []): array
    {
        $target = $this->url . $path . ($query ? '?' . http_build_query($query) : '');
        curl_setopt_array($this->line, [
            CURLOPT_URL => $target,
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HEADERFUNCTION => function ($line, string $header) use (&$headers): int {
                [$name, $value] = array_pad(explode(':', $header, 2), 2, '');
                $headers[strtolower($name)] = trim($value);
                return strlen($header);
            },
        ]);
        $answer = curl_exec($this->line);
        if ($answer === false) {
            throw new RuntimeException(curl_error($this->line));
        }
        $said = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
        if (curl_getinfo($this->line, CURLINFO_RESPONSE_CODE) >= 400) {
            $broken = array_map(fn (array $one): string => "{$one['at']}: {$one['detail']}", $said['errors']);
            throw new RuntimeException(implode("\n", ["{$said['code']}: {$said['detail']}", ...$broken, $said['help']]));
        }
        return $said;
    }

    /** All pages of a list: each names the next, until the last. */
    public function pages(string $path, array $query): Generator
    {
        do {
            $page = $this->ask('GET', $path, $query);
            yield $page;
            $query['pageToken'] = $page['next_page_token'];
        } while ($page['next_page_token'] !== '');
    }
}

/** A text by language, in Arabic where it has that. */
function in_arabic(array $text): string
{
    return $text['ar'] ?? (reset($text) ?: '');
}

function read(Node $node): void
{
    [$services, $pages] = [[], 0];
    foreach ($node->pages('/v1/services', ['pageSize' => 3]) as $page) {
        array_push($services, ...$page['objects']);
        $pages++;
    }
    printf("services: %d on %d pages\n", count($services), $pages);
    foreach ($services as $service) {
        printf("  %s  %s\n", $service['id'], in_arabic($service['title']));
    }

    if ($services) {
        $headers = [];
        $got = $node->ask('GET', "/v1/services/{$services[0]['id']}", headers: $headers);
        printf("record: %s, %s, %s\n", $got['id'], $got['payload']['service_type'], $headers['multaqa-state']);
    }

    $found = $node->ask('GET', '/v1/search', ['q' => 'الهوية الرقمية', 'pageSize' => 5]);
    printf("search: %d\n", $found['total']);
    foreach ($found['hits'] as $hit) {
        printf("  %s  %s\n", $hit['object']['id'], in_arabic($hit['object']['title']));
    }

    foreach ($node->ask('GET', '/v1/indicators', ['pageSize' => 1])['objects'] as $indicator) {
        $figures = $node->ask('GET', "/v1/indicators/{$indicator['id']}/observations", ['pageSize' => 5]);
        printf("figures: %s\n", $indicator['id']);
        foreach ($figures['observations'] as $one) {
            // A value is a decimal with the digits as published; null where there is no figure.
            printf("  %s %s %s\n", $one['ref_area'], $one['time_period'], $one['value'] ?? '-');
        }
    }
}

function publish(Node $node, string $bytes): void
{
    $one = $node->ask('POST', '/v1/records', body: $bytes)['records'][0];
    // It is signed and kept. What reads show it is the log's position at which it stands; the queue tells it.
    $query = [];
    while ($one['state'] === 'queued') {
        $queue = $node->ask('GET', '/v1/queue', ['pageSize' => 500]);
        $same = fn (array $entry): bool => $entry['record_id'] === $one['record_id'];
        $waiting = array_values(array_filter($queue['records'], $same))[0] ?? null;
        if ($waiting === null) {
            break; // It is back on the node's own replica.
        }
        if (in_array($waiting['state'], ['void', 'rejected'], true)) {
            throw new RuntimeException("{$one['id']}: {$waiting['state']}: {$waiting['code']}");
        }
        if ($waiting['index'] !== null) {
            $query = ['minPosition' => $waiting['index'] + 1];
            break;
        }
        usleep(500_000);
    }
    $got = $node->ask('GET', "/v1/records/{$one['id']}", $query);
    printf("published: %s, revision %d\n", $one['id'], $got['revision']);
}

if ($argc < 5) {
    fwrite(STDERR, "usage: php read_and_publish.php https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]\n");
    exit(2);
}
try {
    $node = new Node($argv[1], $argv[2], $argv[3], $argv[4]);
    read($node);
    if ($argc > 5) {
        publish($node, file_get_contents($argv[5]));
    }
} catch (RuntimeException | JsonException $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
