{#- Whether a stream is loaded: Meltano says so in the environment, a dbt project in a variable;
    otherwise the streams are loaded that the tap selects by default. -#}

{%- macro is_loaded(stream, by_default=true) -%}
    {%- set streams = fromjson(env_var('VOICECALLS_STREAMS', 'null')) or var('voicecalls_streams') -%}
    {{ return(stream in streams if streams else by_default) }}
{%- endmacro -%}
