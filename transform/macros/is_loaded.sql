{#- Whether a stream is loaded: Meltano tells in the environment, a dbt project in a variable. -#}

{%- macro is_loaded(stream) -%}
    {%- set streams = fromjson(env_var('VOICECALLS_STREAMS', 'null')) or var('voicecalls_streams') -%}
    {{ return(not streams or stream in streams) }}
{%- endmacro -%}
